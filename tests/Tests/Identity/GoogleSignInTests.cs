using System.Net;
using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;
using Tests.Persistence;
using Xunit;

namespace Tests.Identity;

public sealed class GoogleSignInTests
{
    private const string InvalidState = "Authentication failed: invalid state";
    private const string InvalidCode = "Authentication failed: invalid code";

    // C1.1 to C1.5.
    [Theory, EveryDatabase]
    public async Task The_desktop_client_signs_in_without_a_state(string engine)
    {
        await using var world = await People.World(engine);
        var people = new GooglePeople(world);
        var first = GooglePeople.Success(await people.FromDesktop("jane@example.com", "g-1", new { name = "Jane Doe" }));
        Assert.True(first.IsNew);
        Assert.Equal(("jane@example.com", "Jane Doe"), (first.Account.Email, first.Account.Name));
        Assert.EndsWith("/google/a/g-1", first.Account.PictureUrl);
        Assert.Equal([first.Account.Id], people.Welcomed);

        var again = GooglePeople.Success(await people.FromDesktop("jane.roe@example.com", "g-1", new { name = "Jane Roe" }));
        Assert.False(again.IsNew);
        Assert.Equal((first.Account.Id, first.Account.Number), (again.Account.Id, again.Account.Number));
        Assert.Equal(("jane.roe@example.com", "Jane Roe"), (again.Account.Email, again.Account.Name));
        Assert.Equal([first.Account.Id], people.Welcomed);

        world.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(first.AccessToken));
        world.Clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(first.AccessToken));
    }

    [Fact]
    public async Task The_desktops_address_can_be_rewritten_and_carries_no_challenge()
    {
        await using var world = await People.World();
        var (start, cookie) = await new GooglePeople(world).Start();
        Assert.Null(cookie);
        Assert.Equal(2, start.AuthUrl.Split("redirect_uri=").Length);
        Assert.Equal(43, start.State.Length);
        var query = QueryHelpers.ParseQuery(new Uri(start.AuthUrl).Query);
        Assert.Equal(
            ["access_type", "client_id", "nonce", "prompt", "redirect_uri", "response_type", "scope", "state"],
            query.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, value) in new[] { ("access_type", "offline"), ("prompt", "consent"), ("response_type", "code"), ("scope", "openid email profile"), ("state", start.State) })
        {
            Assert.Equal(value, query[name].ToString());
        }

        Assert.Equal("http://localhost:8000/auth/google/callback", query["redirect_uri"].ToString());
        Assert.EndsWith("/google/o/oauth2/v2/auth", start.AuthUrl.Split('?')[0]);
    }

    [Theory]
    [InlineData("Sec-Fetch-Mode", "navigate")]
    [InlineData("Sec-Fetch-Site", "none")]
    [InlineData("Origin", "http://localhost:5173")]
    [InlineData("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")]
    public async Task A_browser_is_bound_by_challenge_and_cookie(string header, string value)
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var (start, cookie) = await people.Start(new Dictionary<string, StringValues> { [header] = value });
        var query = QueryHelpers.ParseQuery(new Uri(start.AuthUrl).Query);
        Assert.Equal("S256", query["code_challenge_method"].ToString());
        Assert.Equal(43, query["code_challenge"].ToString().Length);
        Assert.Equal(2, start.AuthUrl.Split("redirect_uri=").Length);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; path=/auth/google", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; max-age=600", cookie, StringComparison.OrdinalIgnoreCase);

        var signedIn = GooglePeople.Success(await people.ComeBack(await people.Consent(start.AuthUrl), cookie));
        Assert.True(signedIn.IsNew);
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(signedIn.AccessToken));
    }

    [Theory, EveryDatabase]
    public async Task A_state_is_for_one_use_in_ten_minutes(string engine)
    {
        await using var world = await People.World(engine);
        var people = new GooglePeople(world);
        var (start, _) = await people.Start();
        var back = await people.Consent(start.AuthUrl);

        foreach (var foreign in new[] { null, "", "unknown", start.State[..42] + (start.State[42] == 'A' ? 'B' : 'A'), start.State + "x" })
        {
            Assert.Equal(InvalidState, GooglePeople.Failure(await people.ComeBack(new(back) { ["state"] = foreign })));
        }

        GooglePeople.Success(await people.ComeBack(back));
        Assert.Equal(InvalidState, GooglePeople.Failure(await people.ComeBack(back)));

        var (late, _) = await people.Start();
        world.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(InvalidState, GooglePeople.Failure(await people.ComeBack(await people.Consent(late.AuthUrl))));
    }

    [Theory, EveryDatabase]
    public async Task Of_ten_that_bring_one_state_at_the_same_time_one_gets_in(string engine)
    {
        await using var world = await People.World(engine);
        var people = new GooglePeople(world);
        var (start, _) = await people.Start();
        var backs = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => people.Consent(start.AuthUrl)));
        var outcomes = await Task.WhenAll(backs.Select(back => people.ComeBack(back)));
        Assert.Single(outcomes, outcome => outcome.SignedIn is not null);
        Assert.All(outcomes.Where(outcome => outcome.SignedIn is null), outcome => Assert.Equal(InvalidState, GooglePeople.Failure(outcome)));
    }

    [Fact]
    public async Task Another_browsers_state_is_refused_and_used_up()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var (mine, myCookie) = await people.StartInBrowser();
        var (_, otherCookie) = await people.StartInBrowser();
        foreach (var cookie in new[] { null, otherCookie })
        {
            var (start, _) = await people.StartInBrowser();
            Assert.Equal(InvalidState, GooglePeople.Failure(await people.ComeBack(await people.Consent(start.AuthUrl), cookie)));
        }

        var back = await people.Consent(mine.AuthUrl);
        Assert.Equal(InvalidState, GooglePeople.Failure(await people.ComeBack(back, otherCookie)));
        Assert.Equal(InvalidState, GooglePeople.Failure(await people.ComeBack(back, myCookie)));
    }

    [Fact]
    public async Task A_browser_may_have_two_consent_pages_open()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var (first, cookie) = await people.StartInBrowser();
        var (second, sameCookie) = await people.Start(new Dictionary<string, StringValues> { ["Sec-Fetch-Mode"] = "cors", ["Cookie"] = cookie!.Split(';')[0] });
        Assert.Equal(cookie.Split(';')[0], sameCookie!.Split(';')[0]);
        GooglePeople.Success(await people.ComeBack(await people.Consent(first.AuthUrl), sameCookie));
        GooglePeople.Success(await people.ComeBack(await people.Consent(second.AuthUrl), sameCookie));
    }

    [Fact]
    public async Task Somebody_elses_code_does_not_fit_the_browsers_challenge()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var (mine, cookie) = await people.StartInBrowser();
        var (theirs, _) = await people.StartInBrowser();
        var code = (await people.Consent(theirs.AuthUrl, "mallory@example.com"))["code"];
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.ComeBack(new() { ["code"] = code, ["state"] = mine.State }, cookie)));
    }

    [Fact]
    public async Task A_person_who_says_no_is_told_so_and_the_state_is_used_up()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var (start, _) = await people.Start();
        var no = await people.Consent(start.AuthUrl, more: new { deny = true });
        Assert.Equal("access_denied", no["error"].ToString());
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.ComeBack(no)));
        Assert.Equal(InvalidState, GooglePeople.Failure(await people.ComeBack(await people.Consent(start.AuthUrl))));
    }

    [Fact]
    public async Task A_missing_code_is_named()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        foreach (var ask in new Func<Task>[] { () => people.Post(null), () => people.Post(""), () => people.ComeBack(new() { ["state"] = "x" }) })
        {
            var invalid = await Assert.ThrowsAsync<Invalid>(ask);
            Assert.Equal(("query", "code"), (invalid.Place, invalid.Field));
        }
    }

    [Fact]
    public async Task A_code_works_once_and_only_for_the_address_it_was_made_for()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.Post("made-up")));
        var (start, _) = await people.Start();
        var forBrowser = (await people.Consent(start.AuthUrl))["code"].ToString();
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.Post(forBrowser)));

        var rewritten = start.AuthUrl.Replace("redirect_uri=", "redirect_uri=http://localhost:18080/callback&", StringComparison.Ordinal);
        var forDesktop = (await people.Consent(rewritten))["code"].ToString();
        GooglePeople.Success(await people.Post(forDesktop));
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.Post(forDesktop)));
    }

    // Proof 34.
    [Theory, EveryDatabase]
    public async Task Of_ten_first_sign_ins_at_the_same_time_all_succeed_and_one_is_new(string engine)
    {
        await using var world = await People.World(engine);
        var people = new GooglePeople(world);
        var all = (await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => people.FromDesktop("jane@example.com", "g-1")))).Select(GooglePeople.Success).ToList();
        Assert.Single(all, one => one.IsNew);
        Assert.Single(all.Select(one => one.Account.Id).Distinct());
        Assert.Single(people.Welcomed);
        Assert.Equal(1, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM accounts")));
    }

    [Theory, EveryDatabase]
    public async Task A_welcome_that_fails_leaves_no_account(string engine)
    {
        await using var world = await People.World(engine);
        var people = new GooglePeople(world) { WelcomeFails = new InvalidOperationException("No welcome today.") };
        await Assert.ThrowsAsync<InvalidOperationException>(() => people.FromDesktop("jane@example.com", "g-1"));
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM accounts")));
        people.WelcomeFails = null;
        Assert.True(GooglePeople.Success(await people.FromDesktop("jane@example.com", "g-1")).IsNew);
    }

    [Theory, EveryDatabase]
    public async Task Identities_never_merge(string engine)
    {
        await using var world = await People.World(engine);
        var people = new GooglePeople(world);
        var password = await world.Client.SignUp("jane@example.com", "secret");
        var one = GooglePeople.Success(await people.FromDesktop("jane@example.com", "g-1"));
        var two = GooglePeople.Success(await people.FromDesktop("jane@example.com", "g-2"));
        Assert.True(one.IsNew && two.IsNew);

        var numbers = new List<long>();
        foreach (var token in new[] { password.Access, one.AccessToken, two.AccessToken })
        {
            using var me = await world.Client.Send(HttpMethod.Get, "/users/me", token);
            numbers.Add((await me.Json()).GetProperty("id").GetInt64());
        }

        Assert.Equal(3, numbers.Distinct().Count());
        await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));
    }

    [Fact]
    public async Task A_deactivated_account_gets_no_new_token()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var signedIn = GooglePeople.Success(await people.FromDesktop("jane@example.com", "g-1"));
        await world.Database.Write(transaction => transaction.Execute("UPDATE accounts SET is_active = @no", new { no = false }));
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.FromDesktop("jane@example.com", "g-1")));
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(signedIn.AccessToken));
    }

    [Fact]
    public async Task Without_a_client_id_the_door_says_that_it_is_off()
    {
        await using var world = await People.World();
        var settings = world.Services.GetRequiredService<Ledgerline.Providers.Google.GoogleOptions>() with { ClientId = null };
        var door = ActivatorUtilities.CreateInstance<Ledgerline.Providers.Google.GoogleOAuth>(world.Services, new HttpClient(), settings);
        var off = new GoogleSignIn(
            door, settings, world.Services.GetRequiredService<IdentityOptions>(), world.Services.GetRequiredService<GoogleStates>(),
            world.Services.GetRequiredService<GoogleAccounts>(), world.Services.GetRequiredService<Ledgerline.Kernel.Ids>(), Microsoft.Extensions.Logging.Abstractions.NullLogger<GoogleSignIn>.Instance);
        Assert.Equal(503, off.Off!.Status);
        Assert.Same(typeof(Refusal), (await off.FromDesktop("x", (_, _, _) => Task.CompletedTask, default)).Refusal!.GetType());
    }

    [Fact]
    public async Task Nothing_secret_or_personal_is_logged()
    {
        await using var world = await People.World();
        var people = new GooglePeople(world);
        var (start, cookie) = await people.StartInBrowser();
        var back = await people.Consent(start.AuthUrl, "very.private@example.com", "g-private");
        var signedIn = GooglePeople.Success(await people.ComeBack(back, cookie));
        await people.Spoil(new { key = "wrong" });
        Assert.Equal(InvalidCode, GooglePeople.Failure(await people.FromDesktop("very.private@example.com", "g-private")));
        var nonce = QueryHelpers.ParseQuery(new Uri(start.AuthUrl).Query)["nonce"].ToString();
        foreach (var secret in new[] { "very.private", "g-private", start.State, nonce, back["code"].ToString(), signedIn.AccessToken, "GOCSPX" })
        {
            Assert.DoesNotContain(world.Logs.All, line => line.Contains(secret, StringComparison.OrdinalIgnoreCase));
        }
    }
}
