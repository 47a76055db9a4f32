using System.Net.Sockets;
using System.Text;
using Ledgerline.Kernel;
using Ledgerline.Realtime;
using Tests.Http;
using Tests.World;
using Xunit;

namespace Tests.Realtime;

public sealed class SlowReaderTests
{
    private const int Events = 512;

    [Fact]
    public async Task A_reader_that_does_not_read_is_cut_off_and_costs_no_memory_meanwhile()
    {
        await using var server = await EdgeServer.Start();
        var ada = new AccountId(Guid.NewGuid());
        using var stalled = await ConnectAndStopReading(server, ada);
        var hub = server.Service<StreamHub>();
        var stream = Assert.Single(hub.Of(ada));
        using var client = server.NewClient(account: ada);
        using var awake = await EventReader.Connect(client);
        await TestWorld.Until(() => Task.FromResult(hub.Count == 2), "both streams are open");

        // 32 MiB of events: far more than sockets between the two may hold.
        var text = new string('x', 64 * 1024);
        for (var number = 1; number <= Events; number++)
        {
            await server.Database.Write(transaction => server.Service<Channels>().Publish(transaction, ada, "note_taken", new { text }));
            Assert.Equal(number, (await awake.Next())!.Id);
        }

        // What was ever read for the stalled reader is what fits into the sockets between the two, and the page that waits to be written.
        Assert.InRange(stream.Position, 1, Events * 3 / 4);
        for (var second = 0; second < 120 && hub.Count > 1; second++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            await server.Client.GetAsync("/health");
        }

        await TestWorld.Until(
            () =>
            {
                server.Clock.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(hub.Count == 1);
            },
            "the stalled reader is cut off");
        await server.Database.Write(transaction => server.Service<Channels>().Publish(transaction, ada, "note_taken", new { text = "still here" }));
        LiveEvent? next;
        do
        {
            next = await awake.Next();
        }
        while (next!.Type == "ping");
        Assert.Equal(Events + 1, next.Id);
    }

    private static async Task<TcpClient> ConnectAndStopReading(EdgeServer server, AccountId account)
    {
        var socket = new TcpClient { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(server.Address.Host, server.Address.Port);
        var expiry = server.Clock.GetUtcNow().AddDays(1).ToUnixTimeSeconds();
        await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /api/events HTTP/1.1\r\nHost: {server.Address.Authority}\r\nAuthorization: Bearer {account}_s1_{expiry}\r\n\r\n"));
        var first = new byte[12];
        await socket.GetStream().ReadExactlyAsync(first);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(first));
        return socket;
    }
}
