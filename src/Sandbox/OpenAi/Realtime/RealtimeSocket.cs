using System.Net.WebSockets;
using System.Threading.Channels;

namespace Sandbox.OpenAi.Realtime;

/// <summary>One connection to a session: it carries events and knows nothing of them.</summary>
internal sealed class RealtimeSocket(WebSocket wire)
{
    private const int LongestEventBytes = 24 * 1024 * 1024;

    // How long a client may take to answer a goodbye.
    private static readonly TimeSpan Courtesy = TimeSpan.FromSeconds(5);

    // A cut throws away what the transport still holds; this long it may take to leave.
    private static readonly TimeSpan Parting = TimeSpan.FromMilliseconds(50);

    private readonly Channel<(byte[] Message, int WaitMs)> _queue =
        Channel.CreateUnbounded<(byte[] Message, int WaitMs)>(new UnboundedChannelOptions { SingleReader = true });

    private (WebSocketCloseStatus Status, string Reason)? _farewell;
    private volatile bool _stalled;

    /// <summary>Never waits; what is queued leaves in order.</summary>
    public void Send(byte[] message) => _queue.Writer.TryWrite((message, 0));

    /// <summary>What is sent later leaves later by so much, in real time.</summary>
    public void Hold(int milliseconds) => _queue.Writer.TryWrite(([], milliseconds));

    /// <summary>Sends what is queued, then says goodbye.</summary>
    public void Close(WebSocketCloseStatus status, string reason)
    {
        _farewell ??= (status, reason);
        _queue.Writer.TryComplete();
    }

    /// <summary>Sends what is queued, then cuts the connection.</summary>
    public void Drop() => _queue.Writer.TryComplete();

    /// <summary>Sends what is queued, then neither reads nor sends, and leaves the connection open.</summary>
    public void Stall()
    {
        _stalled = true;
        _queue.Writer.TryComplete();
    }

    /// <summary>Carries events both ways until either side ends; whether the client said goodbye.</summary>
    public async Task<bool> Run(RealtimeSession session, CancellationToken aborted)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        var sending = Send(over);
        try
        {
            return await Receive(session, over.Token);
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException)
        {
            return false;
        }
        finally
        {
            _queue.Writer.TryComplete();
            if (wire.State != WebSocketState.CloseReceived)
            {
                await over.CancelAsync();
            }

            await sending;
        }
    }

    private async Task<bool> Receive(RealtimeSession session, CancellationToken over)
    {
        var buffer = new byte[4096];
        var filled = 0;
        while (true)
        {
            if (_stalled)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, over);
            }

            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var got = await wire.ReceiveAsync(buffer.AsMemory(filled), over);
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

    private async Task Send(CancellationTokenSource over)
    {
        try
        {
            await foreach (var (message, waitMs) in _queue.Reader.ReadAllAsync(over.Token))
            {
                if (waitMs > 0)
                {
                    await Task.Delay(waitMs, over.Token);
                }
                else
                {
                    await wire.SendAsync(message, WebSocketMessageType.Text, true, over.Token);
                }
            }

            if (_stalled)
            {
                return;
            }

            if (wire.State is WebSocketState.CloseReceived || _farewell is not null)
            {
                var (status, reason) = _farewell ?? (WebSocketCloseStatus.NormalClosure, "");
                await wire.CloseOutputAsync(status, reason, over.Token);
                if (wire.State == WebSocketState.CloseSent)
                {
                    await Task.Delay(Courtesy, over.Token);
                }
            }
            else
            {
                await Task.Delay(Parting, over.Token);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The other side has gone; reading notices it too.
        }

        // Whoever still reads need not go on.
        await over.CancelAsync();
    }
}
