using System.Net;
using Ledgerline.Identity;
using Microsoft.Extensions.DependencyInjection;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Identity;

public sealed class RevocationTests
{
    private const string SignedOut = """{"detail":"Logged out successfully"}""";

    [Fact]
    public async Task Signing_out_reaches_the_other_node_within_a_minute()
    {
        await using var world = await People.World("postgres");
        using var second = await world.StartNode();
        var (pair, longLived) = (await world.Client.SignUp("jane@example.com"), await LongLived(world, "g-1"));
        foreach (var token in new[] { pair.Access, longLived })
        {
            Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(token));
            Assert.Equal(HttpStatusCode.OK, await second.Knock(token));
            using var answer = await world.Client.LogOut(token);
            Assert.Equal((HttpStatusCode.OK, SignedOut), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
            Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(token));
        }

        await People.Refused(HttpStatusCode.Unauthorized, "Refresh token invalid or expired", await second.Refresh(pair.Refresh));
        world.Clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(HttpStatusCode.Unauthorized, await second.Knock(pair.Access));
        Assert.Equal(HttpStatusCode.Unauthorized, await second.Knock(longLived));
    }

    [Theory, EveryDatabase]
    public async Task Signing_out_ends_one_session_and_leaves_the_others(string engine)
    {
        await using var world = await People.World(engine);
        var phone = await world.Client.SignUp("jane@example.com", "secret");
        var web = await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));
        using var answer = await world.Client.LogOut(phone.Access);

        var cleared = answer.Headers.GetValues("Set-Cookie").Select(cookie => cookie.Split('=')[0]).Order();
        Assert.Equal(["access_token", "refresh_token", "token"], cleared);
        Assert.All(answer.Headers.GetValues("Set-Cookie"), cookie => Assert.Contains("expires=Thu, 01 Jan 1970", cookie));
        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(phone.Access));
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(web.Access));
        await People.PairOf(await world.Client.Refresh(web.Refresh));
    }

    [Theory, EveryDatabase]
    public async Task An_expired_token_signs_out_its_family(string engine)
    {
        await using var world = await People.World(engine);
        var pair = await world.Client.SignUp("jane@example.com");
        world.Clock.Advance(TimeSpan.FromHours(2));
        Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(pair.Access));
        using var answer = await world.Client.LogOut(pair.Access);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await People.Refused(HttpStatusCode.Unauthorized, "Refresh token invalid or expired", await world.Client.Refresh(pair.Refresh));
    }

    [Fact]
    public async Task Signing_out_with_nothing_or_nonsense_is_fine_and_ends_nothing()
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        foreach (var token in new[] { null, "x", pair.Access + "x", pair.Access.Split('.')[0] + "." + pair.Access.Split('.')[1] + "." })
        {
            using var answer = await world.Client.LogOut(token);
            Assert.Equal((HttpStatusCode.OK, SignedOut), (answer.StatusCode, await answer.Content.ReadAsStringAsync()));
        }

        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(pair.Access));
        await People.PairOf(await world.Client.Refresh(pair.Refresh));
    }

    [Theory, EveryDatabase]
    public async Task What_is_over_is_forgotten(string engine)
    {
        await using var world = await People.World(engine);
        await world.Client.SignUp("jane@example.com");
        var current = await People.PairOf(await world.Client.LogIn("jane@example.com", "secret"));
        using var failed = await world.Client.LogIn("nobody@example.com", "wrong");
        world.Clock.Advance(TimeSpan.FromDays(20));
        current = await People.PairOf(await world.Client.Refresh(current.Refresh));
        world.Clock.Advance(TimeSpan.FromDays(20));
        await ActivatorUtilities.CreateInstance<SweepIdentity>(world.Services).Run(new IdentitySweepDue(), default);

        Assert.Equal(1, await Count("sign_in_sessions"));
        Assert.Equal(1, await Count("refresh_tokens"));
        Assert.Equal(0, await Count("sign_in_failures"));
        await People.PairOf(await world.Client.Refresh(current.Refresh));

        Task<long> Count(string table) => world.Database.Read(session => session.One<long>($"SELECT COUNT(*) FROM {table}"));
    }

    /// <summary>A token as Google sign-in gives it.</summary>
    private static async Task<string> LongLived(TestWorld world, string subject)
    {
        var person = new Ledgerline.Providers.Google.GooglePerson(subject, "jane@example.com", true, null, null);
        var signedIn = await world.Services.GetRequiredService<GoogleAccounts>().SignIn(person, (_, _, _) => Task.CompletedTask, default);
        return signedIn!.AccessToken;
    }
}
