using System.Net.WebSockets;
using System.Threading.Channels;

namespace Sandbox.OpenAi.Realtime;

/// <summary>One connection to a session: it carries events and knows nothing of them.</summary>
internal sealed class RealtimeSocket(WebSocket wire, Action abort)
{
    private const int LongestEventBytes = 24 * 1024 * 1024;

    private readonly Channel<byte[]> _queue = Channel.CreateUnbounded<byte[]>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _stalled = new();
    private (WebSocketCloseStatus Status, string Reason)? _farewell;

    /// <summary>Never waits; what is queued leaves in order.</summary>
    public void Send(byte[] message) => _queue.Writer.TryWrite(message);

    /// <summary>Sends what is queued, then says goodbye.</summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        _farewell ??= (status, reason);
        _queue.Writer.TryComplete();
    }

    /// <summary>Sends what is queued, then cuts the connection.</summary>
    public void Drop() => _queue.Writer.TryComplete();

    /// <summary>Reads no more and sends no more, and leaves the connection open.</summary>
    public void Stall() => _stalled.Cancel();

    /// <summary>Carries events both ways until either side ends; whether the client said goodbye.</summary>
    public async Task<bool> Run(RealtimeSession session, CancellationToken aborted)
    {
        var sending = Send(aborted);
        try
        {
            return await Receive(session, aborted);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            return false;
        }
        finally
        {
            _queue.Writer.TryComplete();
            await sending;
            _stalled.Dispose();
        }
    }

    private async Task<bool> Receive(RealtimeSession session, CancellationToken aborted)
    {
        var buffer = new byte[4096];
        var filled = 0;
        while (true)
        {
            if (_stalled.IsCancellationRequested)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, aborted);
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var got = await wire.ReceiveAsync(buffer.AsMemory(filled), aborted);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                return true;
            }

            filled += got.Count;
            if (filled > LongestEventBytes)
            {
                session.Close(RealtimeEnd.Server, WebSocketCloseStatus.MessageTooBig, "An event is too long.");
                filled = 0;
            }

            if (got.EndOfMessage)
            {
                session.Receive(buffer.AsSpan(0, filled));
                filled = 0;
            }
        }
    }

    private async Task Send(CancellationToken aborted)
    {
        try
        {
            await foreach (var message in _queue.Reader.ReadAllAsync(aborted))
            {
                if (_stalled.IsCancellationRequested)
                {
                    continue;
                }

                await wire.SendAsync(message, WebSocketMessageType.Text, true, aborted);
            }

            if (_stalled.IsCancellationRequested)
            {
                return;
            }

            if (_farewell is { } farewell)
            {
                await wire.CloseOutputAsync(farewell.Status, farewell.Reason, aborted);
            }
            else if (wire.State == WebSocketState.CloseReceived)
            {
                await wire.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", aborted);
            }
            else
            {
                abort();
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The other side has gone; reading notices it too.
        }
    }
}
