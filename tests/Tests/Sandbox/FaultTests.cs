using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace Tests.Sandbox;

public sealed class FaultTests
{
    [Fact]
    public async Task AStatusStrikesAsOftenAsItWasToldInTheProvidersOwnWords()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "openai", path = "/v1/models", times = 2, status = 429, headers = new Dictionary<string, string> { ["retry-after-ms"] = "20" } });

        for (var time = 0; time < 2; time++)
        {
            using var struck = await Models(sandbox);
            Assert.Equal(429, (int)struck.StatusCode);
            Assert.Equal("20", struck.Headers.GetValues("retry-after-ms").Single());
            var error = (await Read(struck)).GetProperty("error");
            Assert.Equal(["message", "type", "param", "code"], error.EnumerateObject().Select(field => field.Name));
        }

        using var after = await Models(sandbox);
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
        Assert.Equal([200, 429, 429], (await sandbox.Get("/_sandbox/requests?provider=openai")).EnumerateArray().Select(one => one.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task OnlyWhatFitsIsStruckAndFaultsCanBeTakenBack()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "openai", path = "/v1/audio", status = 500, times = 9 });
        await sandbox.Post("/_sandbox/faults", new { provider = "openai", method = "POST", status = 500, times = 9 });
        await sandbox.Post("/_sandbox/faults", new { provider = "google", status = 500, times = 9 });
        using var models = await Models(sandbox);
        Assert.Equal(HttpStatusCode.OK, models.StatusCode);
        using var mail = await Mail(sandbox, "x@example.com");
        Assert.Equal(HttpStatusCode.OK, mail.StatusCode);

        var listed = (await sandbox.Get("/_sandbox/faults")).EnumerateArray().ToList();
        Assert.Equal(["google", "openai", "openai"], listed.Select(fault => fault.GetProperty("provider").GetString()!));
        using var cleared = await sandbox.Http.DeleteAsync("/_sandbox/faults");
        Assert.Equal(HttpStatusCode.NoContent, cleared.StatusCode);
        Assert.Empty((await sandbox.Get("/_sandbox/faults")).EnumerateArray());
        using var certificates = await sandbox.Http.GetAsync("/google/oauth2/v3/certs");
        Assert.Equal(HttpStatusCode.OK, certificates.StatusCode);
    }

    [Theory]
    [InlineData("before", 0)]
    [InlineData("after", 1)]
    public async Task AConnectionIsLostBeforeOrAfterTheEffect(string when, int mails)
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "mail", path = "/emails", drop = true, when });

        await Assert.ThrowsAsync<HttpRequestException>(() => Mail(sandbox, "lost@example.com"));
        await SandboxHost.Until(() => sandbox.Service<global::Sandbox.Core.RequestLog>().List("mail").Count == 1, "the log's line");

        Assert.Equal(mails, (await sandbox.Get("/_sandbox/messages?to=lost@example.com")).GetArrayLength());
        var logged = (await sandbox.Get("/_sandbox/requests?provider=mail"))[0];
        Assert.Equal(0, logged.GetProperty("status").GetInt32());
        Assert.Contains("lost@example.com", logged.GetProperty("body").GetString()!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAnswerBreaksOffInTheMiddleAfterTheEffect()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "mail", truncate = true });

        using var request = MailRequest("half@example.com");
        using var answer = await sandbox.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using var body = await answer.Content.ReadAsStreamAsync();
        var first = new byte[10];
        await body.ReadExactlyAsync(first);
        Assert.StartsWith("{\"id\"", System.Text.Encoding.UTF8.GetString(first), StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null));
        Assert.Equal(1, (await sandbox.Get("/_sandbox/messages?to=half@example.com")).GetArrayLength());
    }

    [Theory]
    [InlineData("before", 0)]
    [InlineData("after", 1)]
    public async Task NonsenseIsSentAsItStands(string when, int mails)
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "mail", body = "{\"id\":", when });
        using var answer = await Mail(sandbox, "nonsense@example.com");
        Assert.Equal("{\"id\":", await answer.Content.ReadAsStringAsync());
        Assert.Equal(mails, (await sandbox.Get("/_sandbox/messages?to=nonsense@example.com")).GetArrayLength());
    }

    [Fact]
    public async Task ADelayIsRealTimeWhateverTheClockDoes()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "openai", delay_ms = 400 });
        var start = TimeProvider.System.GetTimestamp();
        var answer = Models(sandbox);
        await SandboxHost.Until(() => sandbox.Service<global::Sandbox.Core.Faults>().List().Count == 0, "the fault to be taken");
        sandbox.Clock.Advance(TimeSpan.FromDays(1));
        using var late = await answer;
        Assert.Equal(HttpStatusCode.OK, late.StatusCode);
        Assert.True(TimeProvider.System.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(380));
    }

    [Theory]
    [InlineData("""{"provider":"nobody","status":500}""")]
    [InlineData("""{"provider":"openai"}""")]
    [InlineData("""{"provider":"openai","status":42}""")]
    [InlineData("""{"provider":"openai","status":500,"times":0}""")]
    [InlineData("""{"provider":"openai","status":500,"wehn":"after"}""")]
    [InlineData("""{"provider":"openai","status":"500"}""")]
    [InlineData("""[1,2]""")]
    [InlineData("not json")]
    public async Task AFaultThatMakesNoSenseIsRefusedWithASentence(string body)
    {
        await using var sandbox = await SandboxHost.Start();
        using var answer = await sandbox.Http.PostAsync("/_sandbox/faults", new StringContent(body));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.NotEmpty((await Read(answer)).GetProperty("detail").GetString()!);
        Assert.Empty((await sandbox.Get("/_sandbox/faults")).EnumerateArray());
    }

    [Fact]
    public async Task TheLogKeepsWhatMattersAndNoCredential()
    {
        await using var sandbox = await SandboxHost.Start();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/google/token?x=1")
        {
            Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["code"] = "4/abc", ["client_secret"] = "very-secret-value", ["grant_type"] = "authorization_code" }),
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-long-and-private-key");
        request.Headers.Add("Idempotency-Key", "key-1");
        using var answer = await sandbox.Http.SendAsync(request);

        var logged = (await sandbox.Get("/_sandbox/requests?provider=google&limit=1"))[0];
        Assert.Equal("/token", logged.GetProperty("path").GetString());
        Assert.Equal("POST", logged.GetProperty("method").GetString());
        Assert.Equal("?x=1", logged.GetProperty("query").GetString());
        Assert.Equal((int)answer.StatusCode, logged.GetProperty("status").GetInt32());
        Assert.Equal("key-1", logged.GetProperty("headers").GetProperty("idempotency-key").GetString());
        Assert.Equal("Bearer …-key", logged.GetProperty("headers").GetProperty("authorization").GetString());
        Assert.Contains("4%2Fabc", logged.GetProperty("body").GetString()!, StringComparison.Ordinal);
        Assert.DoesNotContain("very-secret", logged.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("private", logged.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AResetLeavesAnEmptyWorldAndThePageShowsTextAsText()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/faults", new { provider = "openai", status = 500, path = "<script>alert(1)</script>" });
        using var sent = await Mail(sandbox, "a@example.com", "<b>bold & \"quoted\"</b>");
        using var page = await sandbox.Http.GetAsync("/");
        var html = await page.Content.ReadAsStringAsync();
        Assert.Contains("&lt;b&gt;bold &amp; &quot;quoted&quot;&lt;/b&gt;", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.Contains("a@example.com", html, StringComparison.Ordinal);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);

        await sandbox.Post("/_sandbox/reset");
        foreach (var list in new[] { "requests", "messages", "faults", "webhooks" })
        {
            Assert.Empty((await sandbox.Get($"/_sandbox/{list}")).EnumerateArray());
        }
    }

    private static async Task<HttpResponseMessage> Models(SandboxHost sandbox)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/openai/v1/models");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "sk-test");
        return await sandbox.Http.SendAsync(request);
    }

    private static async Task<HttpResponseMessage> Mail(SandboxHost sandbox, string to, string text = "Hello")
    {
        using var request = MailRequest(to, text);
        return await sandbox.Http.SendAsync(request);
    }

    private static HttpRequestMessage MailRequest(string to, string text = "Hello") => new(HttpMethod.Post, "/mail/emails")
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", "re_test") },
        Content = JsonContent.Create(new { from = "us@example.com", to, subject = "Hi", text }),
    };

    private static async Task<JsonElement> Read(HttpResponseMessage answer) => JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
}
