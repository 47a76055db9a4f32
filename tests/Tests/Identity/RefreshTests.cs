using System.Net;
using Tests.Persistence;
using Xunit;

namespace Tests.Identity;

public sealed class RefreshTests
{
    private const string Invalid = "Refresh token invalid or expired";

    [Theory, EveryDatabase]
    public async Task A_client_that_keeps_its_first_token_stays_signed_in(string engine)
    {
        await using var world = await People.World(engine);
        var first = await world.Client.SignUp("jane@example.com");
        for (var turn = 0; turn < 3; turn++)
        {
            world.Clock.Advance(TimeSpan.FromMinutes(30));
            Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(first.Access));
            var next = await People.PairOf(await world.Client.Refresh(first.Refresh));
            Assert.NotEqual(first.Refresh, next.Refresh);
            Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(next.Access));
            first = first with { Access = next.Access };
        }
    }

    [Theory, EveryDatabase]
    public async Task A_token_whose_successor_was_used_ends_the_family(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        var other = second ?? world.Client;
        var bystander = await world.Client.SignUp("john@example.com");
        var a = await world.Client.SignUp("jane@example.com");
        var b = await People.PairOf(await other.Refresh(a.Refresh));
        var again = await People.PairOf(await world.Client.Refresh(a.Refresh));
        var c = await People.PairOf(await other.Refresh(b.Refresh));
        Assert.Equal(HttpStatusCode.OK, await world.Client.Knock(c.Access));

        await People.Refused(HttpStatusCode.Unauthorized, Invalid, await world.Client.Refresh(a.Refresh));

        foreach (var dead in new[] { a, b, again, c })
        {
            await People.Refused(HttpStatusCode.Unauthorized, Invalid, await other.Refresh(dead.Refresh));
            Assert.Equal(HttpStatusCode.Unauthorized, await world.Client.Knock(dead.Access));
        }

        await People.PairOf(await other.Refresh(bystander.Refresh));
    }

    [Theory, EveryDatabase]
    public async Task Refreshes_at_the_same_time_all_succeed(string engine)
    {
        await using var world = await People.World(engine);
        using var second = engine == "postgres" ? await world.StartNode() : null;
        var first = await world.Client.SignUp("jane@example.com");
        var pairs = await Task.WhenAll(Enumerable.Range(0, 10).Select(async index =>
            await People.PairOf(await (index % 2 == 0 ? world.Client : second ?? world.Client).Refresh(first.Refresh))));

        Assert.Equal(10, pairs.Select(pair => pair.Refresh).Distinct().Count());
        var used = await Task.WhenAll(pairs.Select(async pair => await People.PairOf(await world.Client.Refresh(pair.Refresh))));
        Assert.Equal(10, used.Length);
        await People.Refused(HttpStatusCode.Unauthorized, Invalid, await world.Client.Refresh(first.Refresh));
        await People.Refused(HttpStatusCode.Unauthorized, Invalid, await world.Client.Refresh(used[0].Refresh));
    }

    [Theory, EveryDatabase]
    public async Task A_token_is_good_for_thirty_days(string engine)
    {
        await using var world = await People.World(engine);
        var first = await world.Client.SignUp("jane@example.com");
        world.Clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1));
        var second = await People.PairOf(await world.Client.Refresh(first.Refresh));
        world.Clock.Advance(TimeSpan.FromMinutes(1));
        await People.Refused(HttpStatusCode.Unauthorized, Invalid, await world.Client.Refresh(first.Refresh));
        world.Clock.Advance(TimeSpan.FromDays(29));
        await People.PairOf(await world.Client.Refresh(second.Refresh));
    }

    [Theory]
    [InlineData("refresh_token=")]
    [InlineData("unrelated=1; token=")]
    public async Task A_cookie_will_do(string cookie)
    {
        await using var world = await People.World();
        var pair = await world.Client.SignUp("jane@example.com");
        foreach (var content in new[] { null, People.Raw("", "application/json"), People.Raw("{}", "application/json") })
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/auth/refresh") { Content = content };
            request.Headers.Add("Cookie", cookie + pair.Refresh);
            await People.PairOf(await world.Client.SendAsync(request));
        }
    }

    [Fact]
    public async Task No_token_and_a_strange_token_are_told_apart()
    {
        await using var world = await People.World();
        foreach (var body in new[] { "", "{}", "null", """{"refresh_token":null}""", """{"refresh_token":""}""" })
        {
            await People.Refused(HttpStatusCode.Unauthorized, "Refresh token missing", await world.Client.PostAsync("/auth/refresh", People.Raw(body, "application/json")));
        }

        await People.Refused(HttpStatusCode.Unauthorized, "Refresh token missing", await world.Client.PostAsync("/auth/refresh", null));
        foreach (var strange in new[] { "x", "not a token\u0000", new string('x', 100_000) })
        {
            await People.Refused(HttpStatusCode.Unauthorized, Invalid, await world.Client.Refresh(strange));
        }

        foreach (var nonsense in new[] { """{"refresh_token":1}""", "[1]", "{" })
        {
            using var answer = await world.Client.PostAsync("/auth/refresh", People.Raw(nonsense, "application/json"));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        }
    }

    [Theory, EveryDatabase]
    public async Task No_table_holds_a_refresh_token(string engine)
    {
        await using var world = await People.World(engine);
        var pair = await world.Client.SignUp("jane@example.com");
        var kept = await world.Database.Read(session => session.List<string>("SELECT token_hash FROM refresh_tokens"));
        Assert.DoesNotContain(pair.Refresh, kept);
        Assert.Equal(32, Convert.FromHexString(Assert.Single(kept)).Length);
        Assert.True(System.Buffers.Text.Base64Url.DecodeFromChars(pair.Refresh).Length >= 32);
    }
}
