using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Identity;

public sealed class GoogleFaultTests
{
    private const string InvalidCode = "Authentication failed: invalid code";
    private const string NotReachable = "Authentication failed: Google is not reachable";

    [Theory]
    [InlineData("""{"alg":"none"}""")]
    [InlineData("""{"alg":"HS256"}""")]
    [InlineData("""{"alg":"RS512"}""")]
    [InlineData("""{"alg":"rs256"}""")]
    [InlineData("""{"key":"wrong"}""")]
    [InlineData("""{"key":"unknown"}""")]
    [InlineData("""{"expired":true}""")]
    [InlineData("""{"aud":"another.apps.googleusercontent.com"}""")]
    [InlineData("""{"iss":"https://accounts.example.com"}""")]
    [InlineData("""{"claims":{"aud":["sandbox.apps.googleusercontent.com"]}}""")]
    [InlineData("""{"claims":{"exp":null}}""")]
    [InlineData("""{"claims":{"iat":null}}""")]
    [InlineData("""{"claims":{"exp":"4102444800"}}""")]
    [InlineData("""{"claims":{"exp":4102444800}}""")]
    [InlineData("""{"claims":{"exp":9223372036854775807,"iat":-9223372036854775808}}""")]
    [InlineData("""{"claims":{"iat":4102444800}}""")]
    [InlineData("""{"claims":{"sub":null}}""")]
    [InlineData("""{"claims":{"sub":""}}""")]
    [InlineData("""{"claims":{"sub":12345}}""")]
    [InlineData("""{"claims":{"nonce":"somebody-elses"}}""")]
    public async Task A_bad_id_token_lets_nobody_in(string fault)
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        await people.Spoil(JsonNode.Parse(fault)!);
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.FromDesktop()));

        var (start, cookie) = await people.StartInBrowser();
        await people.Spoil(JsonNode.Parse(fault)!);
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.ComeBack(await people.Consent(start.AuthUrl), cookie)));

        Assert.Empty(people.Welcomed);
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM accounts")));
        GooglePeople.Success(await people.FromDesktop());
    }

    [Theory]
    [InlineData(-299, true)]
    [InlineData(-301, false)]
    public async Task An_id_token_may_be_five_minutes_late_or_early(int secondsLeft, bool isAccepted)
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var now = world.Clock.GetUtcNow().ToUnixTimeSeconds();
        await people.Spoil(new { claims = new { exp = now + secondsLeft, iat = now - 3600 } });
        Assert.Equal(isAccepted, (await people.FromDesktop()).SignedIn is not null);
        await people.Spoil(new { claims = new { iat = world.Clock.GetUtcNow().ToUnixTimeSeconds() - secondsLeft } });
        Assert.Equal(isAccepted, (await people.FromDesktop()).SignedIn is not null);
    }

    [Fact]
    public async Task A_browsers_id_token_must_bring_the_nonce_back_and_the_desktops_only_if_it_has_one()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var (start, cookie) = await people.StartInBrowser();
        await people.Spoil(JsonNode.Parse("""{"claims":{"nonce":null}}""")!);
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.ComeBack(await people.Consent(start.AuthUrl), cookie)));

        var (other, _) = await people.Start();
        var nonce = QueryHelpers.ParseQuery(new Uri(other.AuthUrl).Query)["nonce"].ToString();
        var (mine, _) = await people.Start();
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.ComeBack(await people.Consent(mine.AuthUrl, more: new { nonce }))));

        var bare = await world.Control("/_sandbox/google/sign-in", new { email = "jane@example.com" });
        GooglePeople.Success(await people.Post(bare.Text("code")));
    }

    [Theory, EveryDatabase]
    public async Task A_desktops_consent_page_lets_in_once_and_for_ten_minutes(string engine)
    {
        await using var world = await People.World(engine);
        var people = new GooglePeople(world);
        async Task<string> Code(string authUrl, object? more = null) => (await people.Consent(
            authUrl.Replace("redirect_uri=", "redirect_uri=http://localhost:18080/callback&", StringComparison.Ordinal), more: more))["code"].ToString();

        var (start, _) = await people.Start();
        var (first, second) = (await Code(start.AuthUrl), await Code(start.AuthUrl));
        GooglePeople.Success(await people.Post(first));
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.Post(second)));

        var (late, _) = await people.Start();
        world.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.Post(await Code(late.AuthUrl))));

        // Of several at the same time one.
        var (busy, _) = await people.Start();
        var codes = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Code(busy.AuthUrl)));
        Assert.Single(await Task.WhenAll(codes.Select(people.Post)), outcome => outcome.SignedIn is not null);

        // A state that a browser brought back is used up for everybody.
        var (shared, _) = await people.Start();
        var desktop = await Code(shared.AuthUrl);
        GooglePeople.Success(await people.ComeBack(await people.Consent(shared.AuthUrl)));
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.Post(desktop)));

        foreach (var nonce in new[] { "a\u0000b", new string('f', 64), new string('\u0000', 64), "" })
        {
            await people.Spoil(new { claims = new { nonce } });
            Assert.Equal(InvalidCode, GooglePeople.Failure(await people.FromDesktop()));
        }
    }

    [Fact]
    public async Task Nobody_is_let_in_without_an_address()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        await people.Spoil(new { no_email = true });
        Assert.Equal("Authentication failed: e-mail missing", GooglePeople.Failure(await people.FromDesktop()));
        await people.Spoil(JsonNode.Parse("""{"claims":{"email":" \u0001 "}}""")!);
        Assert.Equal("Authentication failed: e-mail missing", GooglePeople.Failure(await people.FromDesktop()));
    }

    [Fact]
    public async Task Texts_of_any_kind_become_texts_that_can_be_kept()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        await people.Spoil(new { claims = new { name = "Zo\u0000ë\u202E 🚀 " + new string('x', 2000), picture = (string?)null } });
        var account = GooglePeople.Success(await people.FromDesktop()).Account;
        Assert.StartsWith("Zoë 🚀 xxx", account.Name, StringComparison.Ordinal);
        Assert.Equal(200, account.Name!.Length);
        Assert.Null(account.PictureUrl);

        await people.Spoil(new { claims = new { name = new string('x', 199) + "🚀" } });
        Assert.Equal(new string('x', 199), GooglePeople.Success(await people.FromDesktop()).Account.Name);
    }

    [Theory]
    [InlineData("https://lh3.example.com/a/photo=s96-c", true)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("/photo.png", false)]
    [InlineData("https://lh3.example.com/\u0001", false)]
    public async Task A_picture_is_an_address_of_the_web_or_none(string picture, bool isKept)
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        await people.Spoil(new { claims = new { picture } });
        Assert.Equal(isKept ? picture : null, GooglePeople.Success(await people.FromDesktop()).Account.PictureUrl);
        await people.Spoil(new { claims = new { picture = "https://lh3.example.com/" + new string('x', 3000) } });
        Assert.Null(GooglePeople.Success(await people.FromDesktop()).Account.PictureUrl);
    }

    /// <summary>Whoever gets in with half an address has not been verified as its owner.</summary>
    [Fact]
    public async Task An_address_that_is_not_kept_as_it_came_lets_in_and_proves_nothing()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        foreach (var email in new[] { new string('x', 400) + "@example.com", "ja\u0000ne@example.com" })
        {
            await people.Spoil(new { claims = new { email, email_verified = true } });
            Assert.InRange(GooglePeople.Success(await people.FromDesktop()).Account.Email!.Length, 1, 254);
            Assert.False(await world.Database.Read(session => session.One<bool>("SELECT email_verified FROM accounts")));
        }
    }

    [Fact]
    public async Task Without_an_id_token_userinfo_is_asked()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var code = await world.Control("/_sandbox/google/sign-in", new { email = "jane@example.com", name = "Jane Doe", sub = "g-1", scope = "email profile" });
        var first = GooglePeople.Success(await people.Post(code.Text("code")));
        Assert.Equal(("jane@example.com", "Jane Doe"), (first.Account.Email, first.Account.Name));
        Assert.Equal(first.Account.Id, GooglePeople.Success(await people.FromDesktop("jane@example.com", "g-1")).Account.Id);

        var (start, cookie) = await people.StartInBrowser();
        var back = await people.Consent(start.AuthUrl, "jane@example.com", "g-1", new { scope = "email" });
        Assert.Equal(first.Account.Id, GooglePeople.Success(await people.ComeBack(back, cookie)).Account.Id);

        var nameless = await world.Control("/_sandbox/google/sign-in", new { email = "jane@example.com", scope = "profile" });
        Assert.Equal("Authentication failed: e-mail missing", GooglePeople.Failure(await people.Post(nameless.Text("code"))));
    }

    [Theory]
    [InlineData("/token", """{"status":500}""")]
    [InlineData("/token", """{"status":401}""")]
    [InlineData("/token", """{"status":429}""")]
    [InlineData("/token", """{"drop":true,"when":"before"}""")]
    [InlineData("/token", """{"drop":true,"when":"after"}""")]
    [InlineData("/oauth2/v3/certs", """{"status":500,"times":3}""")]
    public async Task Google_that_fails_is_said_to_be_unreachable_and_a_code_is_sent_once(string path, string fault)
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var asked = JsonNode.Parse(fault)!;
        asked["provider"] = "google";
        asked["path"] = path;
        asked["times"] ??= 1;
        await world.Control("/_sandbox/faults", asked);
        Assert.Equal(NotReachable, GooglePeople.Failure(await people.FromDesktop()));
        await TestWorld.Until(async () => await Exchanges() == 1, "the sandbox has written down the one exchange");
        GooglePeople.Success(await people.FromDesktop());
        await TestWorld.Until(async () => await Exchanges() == 2, "the sandbox has written down one more");

        async Task<int> Exchanges() => (await world.Control("/_sandbox/requests?provider=google")).EnumerateArray()
            .Count(request => request.Text("path")!.EndsWith("/token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Google_that_never_answers_is_given_up()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        await world.Control("/_sandbox/faults", new { provider = "google", path = "/token", times = 1, delay_ms = 600_000 });
        var waiting = people.FromDesktop();
        await TestWorld.Until(
            async () =>
            {
                world.Clock.Advance(TimeSpan.FromSeconds(1));
                await Task.Yield();
                return waiting.IsCompleted;
            },
            "the exchange is given up");
        Assert.Equal(NotReachable, GooglePeople.Failure(await waiting));
    }

    [Fact]
    public async Task Keys_are_kept_for_an_hour_and_fetched_again_for_an_unknown_one_once_a_minute()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        for (var turn = 0; turn < 3; turn++)
        {
            GooglePeople.Success(await people.FromDesktop());
        }

        Assert.Equal(1, await Fetches());
        await world.Control("/_sandbox/google/keys/rotate", new { });
        GooglePeople.Success(await people.FromDesktop());
        Assert.Equal(2, await Fetches());

        for (var turn = 0; turn < 3; turn++)
        {
            await people.Spoil(new { key = "unknown" });
            Assert.Equal(InvalidCode, GooglePeople.Failure(await people.FromDesktop()));
        }

        Assert.Equal(2, await Fetches());
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await people.Spoil(new { key = "unknown" });
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.FromDesktop()));
        Assert.Equal(3, await Fetches());

        world.Clock.Advance(TimeSpan.FromHours(1));
        GooglePeople.Success(await people.FromDesktop());
        Assert.Equal(4, await Fetches());

        async Task<int> Fetches() => (await world.Control("/_sandbox/requests?provider=google&limit=500")).EnumerateArray()
            .Count(request => request.Text("path")!.EndsWith("/oauth2/v3/certs", StringComparison.Ordinal));
    }
}
