using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Transcription;

/// <summary>The desktop client's way in (clients.md §1), the browser's, and what both then see of themselves.</summary>
public sealed class DesktopClientTests
{
    [Theory, EveryDatabase]
    public async Task The_desktop_client_signs_in_transcribes_and_looks_at_its_credits(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        // C1.1 to C1.4
        var token = await SignIn(world, "jane@example.com", "g-1", "Jane Doe");
        Assert.Equal("bearer", token.Body.GetProperty("token_type").GetString());
        Assert.Equal("jane@example.com", token.Body.GetProperty("email").GetString());
        Assert.Equal("Jane Doe", token.Body.GetProperty("name").GetString());
        Assert.Equal(100, token.Body.GetProperty("credits").GetInt64());
        Assert.True(token.Body.GetProperty("is_new_user").GetBoolean());
        var jane = await Customer.As(world, token.Body.GetProperty("access_token").GetString()!);
        Assert.Equal(jane.Id.ToString(), token.Body.GetProperty("user_id").GetString());
        Assert.Equal([(100, "Welcome bonus credits")], await jane.Ledger("signup_bonus"));

        // C1.5 with a token of almost thirty days.
        world.Clock.Advance(TimeSpan.FromDays(29));
        var profile = await jane.Get("/api/users/me");
        Assert.Equal(
            $$"""{"id":"{{jane.Id}}","email":"jane@example.com","name":"Jane Doe","picture_url":{{profile.Body.GetProperty("picture_url").GetRawText()}},"credits":100}""",
            profile.Text);

        // C1.6
        var transcript = await jane.Transcribe(Recordings.Spoken(), "audio.wav", "?language=ja");
        Assert.Equal(200, transcript.Status);
        Assert.Equal(99, transcript.Body.GetProperty("credits_remaining").GetInt64());

        // C1.8, a GET that calls its empty body JSON.
        using var request = jane.Request(HttpMethod.Get, "/api/users/me/credits", new ByteArrayContent([]));
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Assert.Equal($$"""{"credits":99,"user_id":"{{jane.Id}}"}""", (await Reply.Of(world.Client.SendAsync(request))).Text);

        // Signing in again is the same account and gives nothing.
        var again = await SignIn(world, "jane.roe@example.com", "g-1", "Jane Roe");
        Assert.False(again.Body.GetProperty("is_new_user").GetBoolean());
        Assert.Equal(99, again.Body.GetProperty("credits").GetInt64());
        Assert.Equal(jane.Id.ToString(), again.Body.GetProperty("user_id").GetString());
        Assert.Equal("Jane Roe", again.Body.GetProperty("name").GetString());
    }

    [Fact]
    public async Task Without_credits_the_desktop_client_sees_402()
    {
        await using var world = await TestWorld.Start(settings: new() { ["FREE_CREDITS"] = "0" });
        var poor = await Customer.As(world, (await SignIn(world, "poor@example.com", "g-2", "Poor")).Body.GetProperty("access_token").GetString()!);

        Assert.Equal(402, (await poor.Transcribe(Recordings.Wav(1))).Status);
    }

    [Theory, EveryDatabase]
    public async Task Ten_first_sign_ins_at_once_make_one_account_with_one_gift(string engine)
    {
        // Together they would be too many for one client in a minute.
        await using var world = await TestWorld.Start(engine, new() { ["RATELIMIT_GOOGLE"] = "0" });
        using var second = await world.StartNode();
        var codes = new List<string>();
        for (var number = 0; number < 10; number++)
        {
            codes.Add(await Code(world, "twin@example.com", "g-3", "Twin"));
        }

        var replies = await Task.WhenAll(codes.Select((code, number) =>
            Reply.Of((number % 2 == 0 ? world.Client : second).PostAsync($"/auth/google/token?code={Uri.EscapeDataString(code)}", null))));

        Assert.All(replies, reply => Assert.Equal((200, 100L), (reply.Status, reply.Body.GetProperty("credits").GetInt64())));
        Assert.Single(replies, reply => reply.Body.GetProperty("is_new_user").GetBoolean());
        var id = Assert.Single(replies.Select(reply => reply.Body.GetProperty("user_id").GetString()).Distinct());
        var twin = await Customer.As(world, replies[0].Body.GetProperty("access_token").GetString()!);
        Assert.Equal(id, twin.Id.ToString());
        Assert.Single(await twin.Ledger("signup_bonus"));

        // The same e-mail under another Google id is somebody else, with a gift of their own.
        var other = await SignIn(world, "twin@example.com", "g-4", "Twin");
        Assert.NotEqual(id, other.Body.GetProperty("user_id").GetString());
        Assert.Equal(100, other.Body.GetProperty("credits").GetInt64());
    }

    [Fact]
    public async Task A_browser_comes_back_with_its_state_once()
    {
        await using var world = await TestWorld.Start();
        using var start = new HttpRequestMessage(HttpMethod.Get, "/auth/google/url");
        start.Headers.Add("Sec-Fetch-Mode", "cors");
        using var started = await world.Client.SendAsync(start);
        var address = await started.Content.ReadFromJsonAsync<JsonElement>();
        var cookie = Assert.Single(started.Headers.GetValues("Set-Cookie")).Split(';')[0];
        var consent = await world.Control("/_sandbox/google/sign-in", new { email = "browser@example.com", sub = "g-5", auth_url = address.GetProperty("auth_url").GetString() });
        var back = new Uri(consent.GetProperty("redirect_url").GetString()!).PathAndQuery;

        async Task<Reply> ComeBack(string path)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Add("Cookie", cookie);
            return await Reply.Of(world.Client.SendAsync(request));
        }

        var signedIn = await ComeBack(back);
        Assert.Equal(200, signedIn.Status);
        Assert.Equal(100, signedIn.Body.GetProperty("credits").GetInt64());

        const string invalidState = """{"detail":"Authentication failed: invalid state"}""";
        var repeated = await ComeBack(back);
        Assert.Equal((400, invalidState), (repeated.Status, repeated.Text));
        var without = await ComeBack("/auth/google/callback?code=x");
        Assert.Equal((400, invalidState), (without.Status, without.Text));
        var empty = await ComeBack("/auth/google/callback");
        Assert.Equal(422, empty.Status);
        Assert.Equal(("query.code", "Field required"), empty.Fault);
    }

    [Fact]
    public async Task A_code_that_is_none_and_a_google_that_is_away_are_told_in_fixed_words()
    {
        await using var world = await TestWorld.Start();
        world.ExpectedViolations.Add("");

        async Task Fails(string query, int status, string body)
        {
            var reply = await Reply.Of(world.Client.PostAsync("/auth/google/token" + query, null));
            Assert.Equal((status, body), (reply.Status, reply.Text));
        }

        await Fails("?code=invented", 400, """{"detail":"Authentication failed: invalid code"}""");
        await Fails("", 422, """{"detail":[{"loc":["query","code"],"msg":"Field required","type":"missing"}]}""");
        await world.Control("/_sandbox/faults", new { provider = "google", path = "/token", times = 3, status = 503 });
        await Fails("?code=x", 400, """{"detail":"Authentication failed: Google is not reachable"}""");
    }

    [Fact]
    public async Task Statistics_count_what_was_used_in_the_last_days()
    {
        await using var world = await TestWorld.Start();
        var jane = await Customer.As(world, (await SignIn(world, "jane@example.com", "g-1", "Jane")).Body.GetProperty("access_token").GetString()!);
        await jane.Transcribe(Recordings.Wav(600));
        world.Clock.Advance(TimeSpan.FromDays(10));
        await jane.Transcribe(Recordings.Wav(31));
        await jane.Transcribe(Recordings.Wav(0.25m));

        async Task<string> Stats(string query) => (await jane.Get("/api/users/me/stats" + query)).Body.GetProperty("usage_stats").GetRawText();
        Assert.Equal("""{"total_requests":3,"total_credits_used":44,"total_duration_seconds":631.25,"period_days":30}""", await Stats(""));
        Assert.Equal("""{"total_requests":2,"total_credits_used":4,"total_duration_seconds":31.25,"period_days":9}""", await Stats("?days=9"));
        Assert.Equal("""{"total_requests":3,"total_credits_used":44,"total_duration_seconds":631.25,"period_days":365}""", await Stats("?days=365"));
        Assert.Equal(56, (await jane.Get("/api/users/me/stats")).Body.GetProperty("credits").GetInt64());

        foreach (var days in new[] { "0", "366", "-1", "1.5", "x", "", "1&days=2", "99999999999" })
        {
            var reply = await jane.Get($"/api/users/me/stats?days={days}");
            Assert.Equal((422, "query.days"), (reply.Status, reply.Fault.Location));
        }
    }

    [Theory]
    [InlineData("/api/users/me")]
    [InlineData("/api/users/me/stats")]
    [InlineData("/api/users/me/credits")]
    [InlineData("/api/transcribe/estimate?duration_seconds=1")]
    public async Task Nobody_sees_anything_without_a_token(string path)
    {
        await using var world = await TestWorld.Start();

        var reply = await Reply.Of(world.Client.GetAsync(path));

        Assert.Equal((401, """{"detail":"Not authenticated"}"""), (reply.Status, reply.Text));
        Assert.Equal("Bearer", reply.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task One_does_not_see_another()
    {
        await using var world = await TestWorld.Start();
        var (first, second) = (await Customer.New(world, 10), await Customer.New(world, 20));
        await first.Transcribe(Recordings.Wav(1));

        var seen = await second.Get("/api/users/me/stats");

        Assert.Equal(second.Id.ToString(), seen.Body.GetProperty("id").GetString());
        Assert.Equal(20, seen.Body.GetProperty("credits").GetInt64());
        Assert.Equal(0, seen.Body.GetProperty("usage_stats").GetProperty("total_requests").GetInt64());
    }

    private static async Task<Reply> SignIn(TestWorld world, string email, string googleId, string name)
    {
        var reply = await Reply.Of(world.Client.PostAsync($"/auth/google/token?code={Uri.EscapeDataString(await Code(world, email, googleId, name))}", null));
        Assert.Equal(200, reply.Status);
        return reply;
    }

    // As the desktop client: it rewrites the address, catches the code on its own port, and drops the state.
    private static async Task<string> Code(TestWorld world, string email, string googleId, string name)
    {
        var start = await Reply.Of(world.Client.GetAsync("/auth/google/url"));
        var address = start.Body.GetProperty("auth_url").GetString()!.Replace(
            "redirect_uri=", "redirect_uri=http://localhost:18080/callback&", StringComparison.Ordinal);
        var consent = await world.Control("/_sandbox/google/sign-in", new { email, sub = googleId, name, auth_url = address });
        return consent.GetProperty("code").GetString()!;
    }
}
