using System.Net;
using System.Text;
using System.Text.Json;
using Sandbox.Twilio;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Twilio on the wire: signatures, the clock, races, broken forms; the rest is examined by Twilio's library.</summary>
public sealed class TwilioSandboxTests
{
    private const string Person = "+15551230001";

    /// <summary>Twilio's own published example.</summary>
    [Theory]
    [InlineData("https://mycompany.com/myapp.php?foo=1&bar=2", "RSOYDt4T1cUTdK1PDd93/VVr8B8=")]
    [InlineData("https://mycompany.com:443/myapp.php?foo=1&bar=2", "kvajT1Ptam85bY51eRf/AJRuM3w=")]
    [InlineData("https://MyCompany.com/myapp.php?foo=1&bar=2", "g9IN/x4Cft2g517EjYvEvM/W7LU=")]
    public void ItSignsAsTwilioDoes(string url, string signature) => Assert.Equal(signature, TwilioSignature.Of("12345", url, new Dictionary<string, string>
    {
        ["To"] = "+18005551212",
        ["CallSid"] = "CA1234567890ABCDE",
        ["Caller"] = "+14158675309",
        ["Digits"] = "1234",
        ["From"] = "+14158675309",
    }));

    [Fact]
    public async Task OneJumpOfTheClockPassesEveryStep()
    {
        await using var sandbox = await SandboxHost.Start();
        var before = sandbox.Clock.ArmedTimers;
        var sid = (await Send(sandbox, Person)).GetProperty("sid").GetString()!;
        sandbox.Clock.Advance(TimeSpan.FromHours(1));
        await SandboxHost.Until(() => sandbox.Service<TwilioWorld>().Find(sid)!.Status == "delivered", "the message to be delivered");
        await SandboxHost.Until(() => sandbox.Clock.ArmedTimers == before, "its timer to be gone");
    }

    [Theory]
    [InlineData("sent", 1)]
    [InlineData("undelivered", 0)]
    [InlineData("failed", 0)]
    public async Task AMessageEndsAsItWasScripted(string outcome, int arrived)
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/twilio/deliveries", new { to = Person, outcome });
        await Send(sandbox, "+15551230002");
        var sid = (await Send(sandbox, Person)).GetProperty("sid").GetString()!;
        sandbox.Clock.Advance(TimeSpan.FromMinutes(1));
        await SandboxHost.Until(() => sandbox.Service<TwilioWorld>().Find(sid)!.Status == outcome, $"the message to be {outcome}");
        Assert.Equal(outcome == "sent" ? null : 30003, sandbox.Service<TwilioWorld>().Find(sid)!.ErrorCode);
        Assert.Equal(arrived, (await sandbox.Get("/_sandbox/messages?to=" + Uri.EscapeDataString(Person))).GetArrayLength());
    }

    [Fact]
    public async Task AResetForgetsWhatIsOnItsWay()
    {
        await using var sandbox = await SandboxHost.Start();
        var before = sandbox.Clock.ArmedTimers;
        await Send(sandbox, Person, ("StatusCallback", "http://127.0.0.1:1/never"));
        await sandbox.Post("/_sandbox/reset");
        Assert.Equal(before, sandbox.Clock.ArmedTimers);
        sandbox.Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Empty((await sandbox.Get("/_sandbox/webhooks?provider=twilio")).EnumerateArray());
        Assert.Empty(sandbox.Service<TwilioWorld>().List());
    }

    [Fact]
    public async Task OfManyRightCodesOneIsApproved()
    {
        await using var sandbox = await SandboxHost.Start();
        using var started = await Post(sandbox, Verify(sandbox) + "/Verifications", ("To", Person), ("Channel", "sms"));
        Assert.Equal(HttpStatusCode.Created, started.StatusCode);
        var said = (await sandbox.Get("/_sandbox/messages?to=" + Uri.EscapeDataString(Person)))[0].GetProperty("text").GetString()!;
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Post(sandbox, Verify(sandbox) + "/VerificationCheck", ("To", Person), ("Code", said[^6..]))));
        Assert.Equal(1, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(19, answers.Count(answer => answer.StatusCode == HttpStatusCode.NotFound));
    }

    [Fact]
    public async Task ACodeLivesTenMinutes()
    {
        await using var sandbox = await SandboxHost.Start();
        using var started = await Post(sandbox, Verify(sandbox) + "/Verifications", ("To", Person), ("Channel", "sms"));
        sandbox.Clock.Advance(TimeSpan.FromMinutes(9));
        using var wrong = await Post(sandbox, Verify(sandbox) + "/VerificationCheck", ("To", Person), ("Code", "x"));
        Assert.Equal(HttpStatusCode.OK, wrong.StatusCode);
        sandbox.Clock.Advance(TimeSpan.FromMinutes(1));
        await Refused(await Post(sandbox, Verify(sandbox) + "/VerificationCheck", ("To", Person), ("Code", "x")), 404, 20404);
    }

    [Fact]
    public async Task BrokenFormsAndStrangersAreRefused()
    {
        await using var sandbox = await SandboxHost.Start();
        await Refused(await Post(sandbox, Messages(sandbox), ("To", Person), ("To", Person)), 400, 20001);
        await Refused(await Post(sandbox, Messages(sandbox), ("to", Person)), 400, 20001);
        await Refused(await Post(sandbox, Messages(sandbox)), 400, 21604);
        await Refused(await Post(sandbox, Messages(sandbox), ("To", Person), ("From", sandbox.Options.TwilioPhoneNumber), ("Body", "x"), ("StatusCallback", "nowhere")), 400, 21609);
        await Refused(await Request(sandbox, Messages(sandbox), new StringContent("{}", Encoding.UTF8, "application/json")), 415, 20005);
        await Refused(await Post(sandbox, "/twilio/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages.json"), 401, 20003);
        await Refused(await Request(sandbox, Messages(sandbox), new FormUrlEncodedContent([]), "Basic !!!"), 401, 20003);
        await Refused(await Request(sandbox, Messages(sandbox), new FormUrlEncodedContent([]), "Bearer x"), 401, 20003);
        await Refused(await Post(sandbox, "/twilio/2010-04-01/Nowhere.json"), 404, 20404);
    }

    [Fact]
    public async Task ItSaysWhatItPlaysWith()
    {
        await using var sandbox = await SandboxHost.Start();
        var providers = await sandbox.Get("/_sandbox/providers");
        Assert.Equal($"{sandbox.Address}/twilio/verify", providers.GetProperty("twilio").GetProperty("verify_base_url").GetString());
        Assert.Equal(sandbox.Options.TwilioAuthToken, providers.GetProperty("twilio").GetProperty("auth_token").GetString());
        Assert.Equal($"{sandbox.Address}/gemini/v1beta", providers.GetProperty("gemini").GetProperty("api_url").GetString());
    }

    private static string Messages(SandboxHost sandbox) => $"/twilio/2010-04-01/Accounts/{sandbox.Options.TwilioAccountSid}/Messages.json";

    private static string Verify(SandboxHost sandbox) => $"/twilio/verify/v2/Services/{sandbox.Options.TwilioVerifyServiceSid}";

    private static async Task<JsonElement> Send(SandboxHost sandbox, string to, params (string, string)[] more)
    {
        using var answer = await Post(sandbox, Messages(sandbox), [("To", to), ("From", sandbox.Options.TwilioPhoneNumber), ("Body", "Hello"), .. more]);
        return await ChatCalls.Json(answer, 201);
    }

    private static Task<HttpResponseMessage> Post(SandboxHost sandbox, string path, params (string Name, string Value)[] form) =>
        Request(sandbox, path, new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    private static async Task<HttpResponseMessage> Request(SandboxHost sandbox, string path, HttpContent content, string? authorization = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{sandbox.Options.TwilioAccountSid}:{sandbox.Options.TwilioAuthToken}"));
        request.Headers.TryAddWithoutValidation("Authorization", authorization ?? $"Basic {basic}");
        return await sandbox.Http.SendAsync(request);
    }

    private static async Task Refused(HttpResponseMessage answer, int status, int code)
    {
        var error = await ChatCalls.Json(answer, status);
        Assert.Equal((code, status, $"https://www.twilio.com/docs/errors/{code}"),
            (error.GetProperty("code").GetInt32(), error.GetProperty("status").GetInt32(), error.GetProperty("more_info").GetString()));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
    }
}
