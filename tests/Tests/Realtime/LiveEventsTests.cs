using System.Net;
using Ledgerline.Kernel;
using Ledgerline.Realtime;
using Tests.Http;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Realtime;

public sealed class LiveEventsTests
{
    private readonly AccountId ada = new(Guid.NewGuid());

    [Theory, EveryDatabase]
    public async Task A_stream_begins_with_connected_and_shows_what_is_committed_in_order(string engine)
    {
        await using var server = await EdgeServer.Start(engine);
        using var client = server.NewClient(account: ada);
        using var stream = await EventReader.Open(client);

        Assert.Equal("text/event-stream", stream.Answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("no-cache", HeaderTests.Header(stream.Answer, "Cache-Control"));
        Assert.Equal("no", HeaderTests.Header(stream.Answer, "X-Accel-Buffering"));
        Assert.Null(HeaderTests.Header(stream.Answer, "Content-Security-Policy"));
        Assert.Null(HeaderTests.Header(stream.Answer, "Content-Encoding"));
        HeaderTests.AssertEverywhere(stream.Answer);

        var connected = (await stream.Next())!;
        Assert.Equal((0, "connected", "Real-time updates active"), (connected.Id, connected.Type, connected.Data.GetProperty("message").GetString()));

        await Publish(server, 1);
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Database.Write(transaction =>
        {
            server.Service<Channels>().Publish(transaction, ada, "balance_updated", new { NewBalance = 99 });
            throw new InvalidOperationException("rolled back");
        }));
        await Publish(server, 2);

        var events = await stream.Next(2);
        Assert.Equal([1L, 2L], events.Select(one => one.Id));
        Assert.Equal([1, 2], events.Select(one => one.Data.GetProperty("new_balance").GetInt32()));
        Assert.All(events, one => Assert.EndsWith("Z", one.Data.GetProperty("timestamp").GetString(), StringComparison.Ordinal));
    }

    [Theory, EveryDatabase]
    public async Task Numbers_have_no_gaps_and_every_stream_gets_every_event_in_order_while_many_write(string engine)
    {
        await using var server = await EdgeServer.Start(engine);
        using var client = server.NewClient(account: ada);
        using var other = server.NewClient(account: new AccountId(Guid.NewGuid()));
        using var first = await EventReader.Connect(client);
        using var second = await EventReader.Connect(client);
        using var foreign = await EventReader.Connect(other);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(writer => Task.Run(async () =>
        {
            for (var turn = 0; turn < 25; turn++)
            {
                await Publish(server, (writer * 100) + turn);
            }
        })));

        foreach (var stream in new[] { first, second })
        {
            Assert.Equal(Enumerable.Range(1, 200).Select(id => (long)id), (await stream.Next(200)).Select(one => one.Id));
        }

        server.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("ping", (await foreign.Next())!.Type);
    }

    [Fact]
    public async Task An_event_of_one_node_reaches_a_stream_on_another()
    {
        await using var database = await TestDatabase.New("postgres");
        await using var here = await EdgeServer.Start(database: database);
        await using var there = await EdgeServer.Start(database: database, clock: here.Clock);
        using var client = there.NewClient(account: ada);
        using var stream = await EventReader.Connect(client);

        await Publish(here, 7);

        Assert.Equal(7, (await stream.Next())!.Data.GetProperty("new_balance").GetInt32());
    }

    [Theory, EveryDatabase]
    public async Task What_was_missed_is_sent_first(string engine)
    {
        await using var server = await EdgeServer.Start(engine);
        using var client = server.NewClient(account: ada);
        for (var number = 1; number <= 250; number++)
        {
            await Publish(server, number);
        }

        using var byHeader = await EventReader.Connect(client, "3");
        Assert.Equal(Enumerable.Range(4, 247).Select(id => (long)id), (await byHeader.Next(247)).Select(one => one.Id));

        using var byQuery = await EventReader.Open(client, path: "/api/events?last_event_id=248");
        Assert.Equal([("connected", 248L), ("balance_updated", 249L), ("balance_updated", 250L)], (await byQuery.Next(3)).Select(one => (one.Type, one.Id)));

        using var fresh = await EventReader.Open(client);
        Assert.Equal(("connected", 250L), (await fresh.Next())! is var connected ? (connected.Type, connected.Id) : default);
        await Publish(server, 251);
        Assert.Equal(251, (await fresh.Next())!.Id);
        Assert.Equal(251, (await byHeader.Next())!.Id);
    }

    [Theory]
    [InlineData("many")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("99999999999999999999")]
    public async Task A_last_event_id_that_is_no_number_is_422(string id)
    {
        await using var server = await EdgeServer.Start();
        using var client = server.NewClient(account: ada);
        using var byHeader = new HttpRequestMessage(HttpMethod.Get, "/api/events") { Headers = { { "Last-Event-ID", id } } };

        using var header = await client.SendAsync(byHeader);
        using var query = await client.GetAsync($"/api/events?last_event_id={id}");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, header.StatusCode);
        Assert.Contains("""{"detail":[{"loc":["header","Last-Event-ID"],""", await header.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, query.StatusCode);
        Assert.Contains("""{"detail":[{"loc":["query","last_event_id"],""", await query.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory, EveryDatabase]
    public async Task What_is_no_longer_kept_is_closed_by_a_resync(string engine)
    {
        await using var server = await EdgeServer.Start(engine);
        using var client = server.NewClient(account: ada);
        await Publish(server, 1);
        await Publish(server, 2);
        server.Clock.Advance(TimeSpan.FromHours(25));
        await Publish(server, 3);
        await TestWorld.Until(async () => await Kept(server) == 1, "the day-old events are forgotten");

        using var late = await EventReader.Open(client, "1");
        Assert.Equal([("connected", 2L), ("resync", 2L), ("balance_updated", 3L)], (await late.Next(3)).Select(one => (one.Type, one.Id)));

        // The very last that was forgotten is no gap: nothing lies between.
        using var justInTime = await EventReader.Open(client, "2");
        Assert.Equal([("connected", 2L), ("balance_updated", 3L)], (await justInTime.Next(2)).Select(one => (one.Type, one.Id)));

        server.Clock.Advance(TimeSpan.FromHours(25));
        await TestWorld.Until(async () => await Kept(server) == 0, "all events are forgotten");
        using var afterAll = await EventReader.Open(client, "1");
        Assert.Equal([("connected", 3L), ("resync", 3L)], (await afterAll.Next(2)).Select(one => (one.Type, one.Id)));
        using var fromTheFuture = await EventReader.Open(client, "12");
        Assert.Equal([("connected", 3L), ("resync", 3L)], (await fromTheFuture.Next(2)).Select(one => (one.Type, one.Id)));
    }

    [Theory, EveryDatabase]
    public async Task At_most_about_a_thousand_events_of_an_account_are_kept(string engine)
    {
        await using var server = await EdgeServer.Start(engine);
        await server.Database.Write(transaction =>
        {
            for (var number = 1; number <= 1300; number++)
            {
                server.Service<Channels>().Publish(transaction, ada, "balance_updated", new { NewBalance = number });
            }
        });

        Assert.Equal(1000, await Kept(server));
        using var client = server.NewClient(account: ada);
        using var stream = await EventReader.Open(client, "5");
        Assert.Equal([("connected", 300L), ("resync", 300L), ("balance_updated", 301L)], (await stream.Next(3)).Select(one => (one.Type, one.Id)));
    }

    [Fact]
    public async Task A_ping_comes_after_fifteen_quiet_seconds_and_keeps_the_place()
    {
        await using var server = await EdgeServer.Start();
        using var client = server.NewClient(account: ada);
        using var stream = await EventReader.Connect(client);
        await Publish(server, 1);
        await stream.Next();

        for (var turn = 0; turn < 3; turn++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(15));
            var ping = (await stream.Next())!;
            Assert.Equal(("ping", 1L), (ping.Type, ping.Id));
        }
    }

    private Task Publish(EdgeServer server, int balance) => server.Database.Write(
        transaction => server.Service<Channels>().Publish(transaction, ada, "balance_updated", new { NewBalance = balance }));

    private Task<long> Kept(EdgeServer server) =>
        server.Database.Read(session => session.One<long>("SELECT count(*) FROM stream_events WHERE account_id = @ada", new { ada }));
}
