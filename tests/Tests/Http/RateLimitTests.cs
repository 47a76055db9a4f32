using System.Globalization;
using System.Net;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Http;

public sealed class RateLimitTests
{
    private static readonly RateLimit Small = new("small", 3, LimitKey.Account);

    [Theory, EveryDatabase]
    public async Task Five_attempts_a_minute_for_one_identity_then_429_also_over_two_nodes(string engine)
    {
        await using var database = await TestDatabase.WithSchema(engine);
        await using var first = await EdgeServer.Start(map: Map, database: database);
        // A second node needs a database that is made for it: on SQLite there is one node.
        await using var second = engine == "sqlite" ? null : await EdgeServer.Start(map: Map, database: database, clock: first.Clock);
        using var here = first.NewClient("203.0.113.7");
        using var there = second?.NewClient("203.0.113.7") ?? first.NewClient("203.0.113.7");

        var statuses = new List<int>();
        for (var attempt = 0; attempt < 12; attempt++)
        {
            using var answer = await SignIn(attempt % 2 == 0 ? here : there, "ada@example.org");
            statuses.Add((int)answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
            {
                Assert.Equal("""{"detail":"Rate limit exceeded. Please try again later."}""", await answer.Content.ReadAsStringAsync());
                Assert.InRange(int.Parse(HeaderTests.Header(answer, "Retry-After")!, CultureInfo.InvariantCulture), 1, 60);
            }
        }

        Assert.Equal([.. Enumerable.Repeat(401, 5), .. Enumerable.Repeat(429, 7)], statuses);

        // Another identity is not meant, nor is the same identity from elsewhere, however it is written.
        Assert.Equal(401, await Status(SignIn(here, "grace@example.org")));
        using var elsewhere = first.NewClient("203.0.113.8");
        Assert.Equal(401, await Status(SignIn(elsewhere, "ada@example.org")));
        Assert.Equal(429, await Status(SignIn(there, "  ADA@example.org")));

        first.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal(401, await Status(SignIn(here, "ada@example.org")));
    }

    [Fact]
    public async Task Thirty_attempts_a_minute_for_one_client_whatever_identities_it_tries()
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var client = server.NewClient("203.0.113.7");

        var statuses = new List<int>();
        for (var attempt = 0; attempt < 32; attempt++)
        {
            statuses.Add(await Status(SignIn(client, $"somebody{attempt}@example.org")));
        }

        Assert.Equal([.. Enumerable.Repeat(401, 30), 429, 429], statuses);
    }

    [Fact]
    public async Task An_account_is_counted_wherever_it_calls_from_and_a_client_without_one_by_its_address()
    {
        await using var server = await EdgeServer.Start(map: Map);
        var ada = new AccountId(Guid.NewGuid());
        using var home = server.NewClient("203.0.113.7", ada);
        using var work = server.NewClient("198.51.100.9", ada);
        using var other = server.NewClient("203.0.113.7", new AccountId(Guid.NewGuid()));
        using var nobody = server.NewClient("203.0.113.7");

        foreach (var calls in new[] { [home, work, home, work], [other, other, other, other], new[] { nobody, nobody, nobody, nobody } })
        {
            Assert.Equal("200 200 200 429", await Statuses(calls.Select(client => client.GetAsync("/small"))));
        }
    }

    [Fact]
    public async Task Routes_that_say_nothing_allow_300_signed_in_and_60_to_nobody()
    {
        await using var server = await EdgeServer.Start(map: Map);
        using var ada = server.NewClient("203.0.113.7", new AccountId(Guid.NewGuid()));
        using var nobody = server.NewClient("203.0.113.7");

        Assert.Equal(300, await Admitted(ada, 310));
        Assert.Equal(60, await Admitted(nobody, 70));
        // Unknown addresses count too.
        Assert.Equal(429, await Status(nobody.GetAsync("/no-such-address")));
    }

    [Fact]
    public async Task Two_nodes_together_never_admit_more_than_the_limit_and_lose_little_of_it()
    {
        await using var database = await TestDatabase.WithSchema("postgres");
        await using var first = await EdgeServer.Start(map: Map, database: database);
        await using var second = await EdgeServer.Start(map: Map, database: database, clock: first.Clock);
        var ada = new AccountId(Guid.NewGuid());
        using var here = first.NewClient(account: ada);
        using var there = second.NewClient(account: ada);

        var admitted = await Task.WhenAll(Admitted(here, 200), Admitted(there, 200));

        // Each node may hold one chunk that it does not use.
        Assert.InRange(admitted.Sum(), 300 - 15, 300);
    }

    [Fact]
    public async Task Forwarded_addresses_count_from_trusted_proxies_only()
    {
        await using var server = await EdgeServer.Start(map: Map, settings: new() { ["TRUSTED_PROXIES"] = "192.0.2.0/24" });

        var statuses = new List<int>();
        for (var attempt = 0; attempt < 4; attempt++)
        {
            using var client = server.NewClient($"203.0.113.{attempt}");
            statuses.Add(await Status(client.GetAsync("/small")));
        }

        Assert.Equal([200, 200, 200, 429], statuses);
    }

    [Theory]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:3::1", "2001:db8:1:3::/64")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7", "203.0.113.7")]
    public void A_client_is_an_address_or_an_IPv6_network(string address, string client)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(address);

        Assert.Equal(client, RateLimiter.Client(context));
    }

    [Fact]
    public async Task Limits_are_settings_and_0_switches_a_group_off()
    {
        await using var server = await EdgeServer.Start(map: Map, settings: new() { ["RATELIMIT_SMALL"] = "1", ["RATELIMIT_EVERYTHING"] = "0", ["RATELIMIT_SIGN_IN_CLIENT"] = "2" });

        Assert.Equal("200 429", await Statuses(Enumerable.Range(0, 2).Select(_ => server.Client.GetAsync("/small"))));
        Assert.Equal(120, await Admitted(server.Client, 120));
        Assert.Equal("401 401 429", await Statuses(new[] { "a", "b", "c" }.Select(identity => SignIn(server.Client, identity))));
    }

    [Theory]
    [InlineData("Development", 200)]
    [InlineData("Production", 429)]
    public async Task Switching_all_limits_off_works_outside_production_only(string environment, int fourth)
    {
        await using var server = await EdgeServer.Start(map: Map, settings: new() { ["ENABLE_RATE_LIMITING"] = "false" }, environment: environment);

        for (var request = 1; request <= 3; request++)
        {
            Assert.Equal(200, await Status(server.Client.GetAsync("/small")));
        }

        Assert.Equal(fourth, await Status(server.Client.GetAsync("/small")));
    }

    [Fact]
    public async Task Health_and_signed_webhooks_are_never_counted_and_bad_signatures_are()
    {
        await using var server = await EdgeServer.Start(map: Map);

        for (var request = 0; request < 100; request++)
        {
            Assert.Equal(200, await Status(server.Client.GetAsync("/health")));
            Assert.Equal(200, await Status(server.Client.PostAsync("/hook?signature=good", null)));
        }

        for (var request = 0; request < 60; request++)
        {
            Assert.Equal(400, await Status(server.Client.PostAsync("/hook?signature=bad", null)));
        }

        Assert.Equal(429, await Status(server.Client.PostAsync("/hook?signature=bad", null)));
        // Whoever signs rightly is heard from the same address still.
        Assert.Equal(200, await Status(server.Client.PostAsync("/hook?signature=good", null)));
    }

    [Fact]
    public async Task A_handler_that_forgets_to_say_whom_it_counts_is_reported()
    {
        await using var server = await EdgeServer.Start(map: app => app.MapPost("/forgetful", () => "in").WithMetadata(RateLimit.SignIn));

        Assert.Equal(200, await Status(server.Client.PostAsync("/forgetful", null)));

        Assert.Contains(server.Logs.All, line => line.StartsWith("Error", StringComparison.Ordinal) && line.Contains("never asked RateLimiter.Take", StringComparison.Ordinal));
    }

    private static void Map(WebApplication app)
    {
        app.MapGet("/any", () => "any");
        app.MapGet("/small", () => "small").WithMetadata(Small);
        app.MapPost("/sign-in", async (HttpContext context, RateLimiter limiter, string identity, CancellationToken stop) =>
            (IResult?)await limiter.Take(context, identity, stop) ?? Refusal.Unauthorized("Incorrect e-mail or password")).WithMetadata(RateLimit.SignIn);
        app.MapPost("/hook", async (HttpContext context, RateLimiter limiter, string signature, CancellationToken stop) =>
            signature == "good" ? TypedResults.Ok() : (IResult?)await limiter.BadSignature(context, stop) ?? Refusal.BadRequest("Invalid signature")).WithMetadata(RateLimit.Webhook);
    }

    private static Task<HttpResponseMessage> SignIn(HttpClient client, string identity) =>
        client.PostAsync($"/sign-in?identity={Uri.EscapeDataString(identity)}", null);

    private static async Task<int> Status(Task<HttpResponseMessage> request)
    {
        using var answer = await request;
        return (int)answer.StatusCode;
    }

    // One after the other: the sequence is not run ahead.
    private static async Task<string> Statuses(IEnumerable<Task<HttpResponseMessage>> requests)
    {
        List<int> statuses = [];
        foreach (var request in requests)
        {
            statuses.Add(await Status(request));
        }

        return string.Join(' ', statuses);
    }

    private static async Task<int> Admitted(HttpClient client, int requests)
    {
        var statuses = await Task.WhenAll(Enumerable.Range(0, requests).Select(_ => Status(client.GetAsync("/any"))));
        Assert.All(statuses, status => Assert.True(status is 200 or 429, $"answered {status}"));
        return statuses.Count(status => status == 200);
    }
}
