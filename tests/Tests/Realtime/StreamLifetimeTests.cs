using System.Net;
using System.Text.RegularExpressions;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Realtime;
using Microsoft.Extensions.Hosting;
using Tests.Http;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Realtime;

/// <summary>Who gets a stream, how many, and until when.</summary>
public sealed class StreamLifetimeTests
{
    private readonly AccountId ada = new(Guid.NewGuid());

    [Fact]
    public async Task Nobody_gets_a_stream_without_signing_in()
    {
        await using var server = await EdgeServer.Start();

        using var answer = await server.Client.GetAsync("/api/events");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", HeaderTests.Header(answer, "WWW-Authenticate"));
        Assert.Equal("""{"detail":"Not authenticated"}""", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Twenty_streams_of_an_account_are_enough()
    {
        await using var server = await EdgeServer.Start();
        using var client = server.NewClient(account: ada);
        var streams = new List<EventReader>();
        for (var number = 0; number < StreamHub.MostPerAccount; number++)
        {
            streams.Add(await EventReader.Connect(client));
        }

        using (var refused = await client.GetAsync("/api/events"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.NotNull(HeaderTests.Header(refused, "Retry-After"));
            Assert.Contains("at most 20", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        using var other = server.NewClient(account: new AccountId(Guid.NewGuid()));
        using var welcome = await EventReader.Connect(other);
        streams[0].Dispose();
        await TestWorld.Until(() => Task.FromResult(server.Service<StreamHub>().Count == StreamHub.MostPerAccount), "the closed stream is let go");
        using var again = await EventReader.Connect(client);
        streams.ForEach(stream => stream.Dispose());
    }

    [Theory, EveryDatabase]
    public async Task A_stream_ends_with_its_sign_in_session_and_no_other(string engine)
    {
        await using var database = await TestDatabase.New(engine);
        await using var server = await EdgeServer.Start(database: database);
        await using var other = engine == "sqlite" ? null : await EdgeServer.Start(database: database, clock: server.Clock);
        using var stolen = (other ?? server).NewClient(account: ada, session: "stolen");
        using var kept = server.NewClient(account: ada, session: "kept");
        using var ending = await EventReader.Connect(stolen);
        using var going = await EventReader.Connect(kept);

        await EndSession(server, "stolen");

        Assert.Equal("session_ended", (await ending.Next())!.Type);
        Assert.Null(await ending.Next());
        await Publish(server, 5);
        // The others do not see whose session it was.
        Assert.Equal(("balance_updated", 2L), (await going.Next())! is var next ? (next.Type, next.Id) : default);
        // A node that still believes the token opens nothing.
        using var again = await EventReader.Open(stolen);
        Assert.Null(await again.Next());
    }

    [Fact]
    public async Task A_stream_ends_with_its_token()
    {
        await using var server = await EdgeServer.Start();
        using var client = server.NewClient(account: ada, expires: server.Clock.GetUtcNow().AddMinutes(30));
        using var stream = await EventReader.Connect(client);

        server.Clock.Advance(TimeSpan.FromMinutes(31));

        // The heartbeat is due as well, and may come first.
        while (await stream.Next() is { } next)
        {
            Assert.Equal("ping", next.Type);
        }

        // The log tells of it when it is over, and whose it was.
        await TestWorld.Until(
            () => Task.FromResult(server.Logs.All.Any(line => Regex.IsMatch(line, $@"GET /api/events answered 200 in 18\d{{5}} ms for {ada}"))), "the stream is logged");
    }

    [Fact]
    public async Task Streams_end_when_the_server_stops()
    {
        await using var server = await EdgeServer.Start();
        using var client = server.NewClient(account: ada);
        using var stream = await EventReader.Connect(client);

        server.Service<IHostApplicationLifetime>().StopApplication();
        var stopped = server.App.StopAsync();

        Assert.Null(await stream.Next());
        await stopped.WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal(0, server.Service<StreamHub>().Count);
    }

    [Fact]
    public async Task Signing_out_ends_the_stream_that_the_sign_in_opened()
    {
        await using var world = await TestWorld.Start();
        using var registered = await world.Client.PostAsync(
            "/auth/register", new StringContent("""{"email":"ada@example.org","password":"correct horse"}""", null, "application/json"));
        var token = System.Text.Json.JsonDocument.Parse(await registered.Content.ReadAsStringAsync()).RootElement.GetProperty("access_token").GetString();
        world.Client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        using var stream = await EventReader.Connect(world.Client);

        using var loggedOut = await world.Client.PostAsync("/auth/logout", null);

        Assert.Equal("session_ended", (await stream.Next())!.Type);
        Assert.Null(await stream.Next());
    }

    private Task Publish(EdgeServer server, int balance) => server.Database.Write(
        transaction => server.Service<Channels>().Publish(transaction, ada, "balance_updated", new { NewBalance = balance }));

    private Task EndSession(EdgeServer server, string session) => server.Database.Write(
        transaction => server.Service<Ledgerline.Jobs.Outbox>().Publish(transaction, new SessionEnded(ada, session)));
}
