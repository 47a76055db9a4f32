using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Ledgerline.Providers.OpenAi.Realtime;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>What goes to the model while the line to it is busy.</summary>
public sealed class RealtimeWriterTests
{
    [Fact]
    public async Task A_slow_line_loses_the_oldest_audio_beyond_two_seconds_and_no_event()
    {
        using var socket = new SlowSocket();
        using var writer = new RealtimeWriter(socket);
        writer.Audio("AAAA"u8);
        for (var i = 0; i < 200; i++)
        {
            writer.Audio(Encoding.ASCII.GetBytes(Convert.ToBase64String(Enumerable.Repeat((byte)i, 160).ToArray())));
            if (i == 10)
            {
                writer.Event("{\"type\":\"ten\"}"u8.ToArray());
            }
        }

        socket.Free.SetResult();
        await socket.Until(1 + 98 + 1);
        Assert.Equal(102, writer.Dropped);
        var sent = socket.Sent.Select(text => JsonDocument.Parse(text).RootElement).ToList();
        Assert.Equal("AAAA", sent[0].GetProperty("audio").GetString());
        // What is left of the audio is the end of it, in order, and the event is where it was.
        Assert.Equal("ten", sent[1].GetProperty("type").GetString());
        Assert.Equal(Enumerable.Range(102, 98), sent.Skip(2).Select(one => (int)one.GetProperty("audio").GetBytesFromBase64()[0]));
        writer.Audio("AAAA"u8);
        await socket.Until(101);
    }

    [Fact]
    public async Task Nothing_is_sent_after_the_end()
    {
        using var socket = new SlowSocket();
        using var writer = new RealtimeWriter(socket);
        writer.Event("1"u8.ToArray());
        writer.Event("2"u8.ToArray());
        writer.End();
        writer.Event("3"u8.ToArray());
        writer.Audio("AAAA"u8);
        socket.Free.SetResult();
        await socket.Until(1);
        Assert.Equal(["1"], socket.Sent);
    }

    [Fact]
    public void A_line_that_takes_nothing_is_cut()
    {
        using var socket = new SlowSocket();
        using var writer = new RealtimeWriter(socket);
        for (var i = 0; i < 6; i++)
        {
            writer.Event(new byte[1024 * 1024]);
        }

        Assert.True(socket.IsAborted);
    }

    private sealed class SlowSocket : WebSocket
    {
        private readonly SemaphoreSlim sent = new(0);

        public TaskCompletionSource Free { get; } = new();

        public List<string> Sent { get; } = [];

        public bool IsAborted { get; private set; }

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public async Task Until(int count)
        {
            while (Sent.Count < count)
            {
                Assert.True(await sent.WaitAsync(TimeSpan.FromSeconds(20)));
            }
        }

        public override async Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken)
        {
            await Free.Task;
            Sent.Add(Encoding.UTF8.GetString(buffer));
            sent.Release();
        }

        public override void Abort() => IsAborted = true;

        public override void Dispose() => sent.Dispose();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
