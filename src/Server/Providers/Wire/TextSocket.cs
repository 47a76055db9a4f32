using System.Buffers;
using System.Net.WebSockets;

namespace Ledgerline.Providers.Wire;

/// <summary>A text that came over a socket: good until the next one is received.</summary>
/// <param name="Status">Why there is no text; null where there is one.</param>
public readonly record struct SocketText(ReadOnlyMemory<byte> Text, WebSocketCloseStatus? Status = null, string? Why = null)
{
    public bool IsEnd => Status is not null;
}

/// <summary>
/// A socket on which whole texts are passed. One receives; any number may send, one text after another. What is longer than
/// <paramref name="largest"/> bytes, or is no text, ends it.
/// </summary>
public sealed class TextSocket(WebSocket socket, int largest) : IDisposable
{
    /// <summary>Of those who are connected: after so long without a sign of life, and so long without an answer to a ping, the other side is gone.</summary>
    public static readonly TimeSpan Ping = TimeSpan.FromSeconds(20);

    private const int SmallBuffer = 4096;

    private readonly SemaphoreSlim sending = new(1, 1);
    private byte[] incoming = ArrayPool<byte>.Shared.Rent(SmallBuffer);

    /// <summary>Never throws for what the other side does: a lost connection is an end.</summary>
    /// <exception cref="OperationCanceledException">It was called off; nothing can be received any more.</exception>
    public async ValueTask<SocketText> Receive(CancellationToken stop)
    {
        var length = 0;
        try
        {
            while (true)
            {
                if (length == incoming.Length)
                {
                    Grow();
                }

                var got = await socket.ReceiveAsync(incoming.AsMemory(length), stop);
                if (got.MessageType == WebSocketMessageType.Close)
                {
                    return new SocketText(default, socket.CloseStatus ?? WebSocketCloseStatus.Empty, socket.CloseStatusDescription);
                }

                length += got.Count;
                if (got.MessageType != WebSocketMessageType.Text)
                {
                    return new SocketText(default, WebSocketCloseStatus.InvalidMessageType, "Only text is taken");
                }

                if (length > largest)
                {
                    return new SocketText(default, WebSocketCloseStatus.MessageTooBig, $"A message has at most {largest} bytes");
                }

                if (got.EndOfMessage)
                {
                    return new SocketText(incoming.AsMemory(0, length));
                }
            }
        }
        catch (Exception failure) when (IsLoss(failure) && !stop.IsCancellationRequested)
        {
            return new SocketText(default, WebSocketCloseStatus.EndpointUnavailable, null);
        }
    }

    /// <summary>False when the connection is lost.</summary>
    public async ValueTask<bool> Send(ReadOnlyMemory<byte> text, CancellationToken stop)
    {
        await sending.WaitAsync(stop);
        try
        {
            await socket.SendAsync(text, WebSocketMessageType.Text, true, stop);
            return true;
        }
        catch (Exception failure) when (IsLoss(failure) && !stop.IsCancellationRequested)
        {
            return false;
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Says goodbye, and waits no longer than <paramref name="patience"/> for that to be sent.</summary>
    public async Task Close(WebSocketCloseStatus status, string? why, TimeSpan patience, TimeProvider clock)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                // Some numbers only say that there was none.
                var said = status is WebSocketCloseStatus.Empty or (WebSocketCloseStatus)1006 or (WebSocketCloseStatus)1015 ? WebSocketCloseStatus.NormalClosure : status;
                await socket.CloseOutputAsync(said, Shortened(why), CancellationToken.None).WaitAsync(patience, clock);
            }
        }
        catch (Exception failure) when (failure is TimeoutException or ArgumentException || IsLoss(failure))
        {
            socket.Abort();
        }
    }

    /// <summary>Waits until the other side has said goodbye too: whoever cuts the connection before may cut off what was just sent. Nobody else receives.</summary>
    public async Task Closed(TimeSpan patience, TimeProvider clock)
    {
        using var limit = new CancellationTokenSource(patience, clock);
        try
        {
            while (socket.State == WebSocketState.CloseSent && (await socket.ReceiveAsync(incoming.AsMemory(), limit.Token)).MessageType != WebSocketMessageType.Close)
            {
            }
        }
        catch (Exception failure) when (IsLoss(failure))
        {
            socket.Abort();
        }
    }

    /// <summary>Only when nobody receives or sends any more.</summary>
    public void Dispose()
    {
        socket.Dispose();
        sending.Dispose();
        ArrayPool<byte>.Shared.Return(incoming);
    }

    // A close frame has room for 123 bytes.
    private static string? Shortened(string? why) => why is { Length: > 100 } ? why[..100] : why;

    private static bool IsLoss(Exception failure) =>
        failure is WebSocketException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;

    private void Grow()
    {
        var larger = ArrayPool<byte>.Shared.Rent(incoming.Length * 2);
        incoming.CopyTo(larger, 0);
        ArrayPool<byte>.Shared.Return(incoming);
        incoming = larger;
    }
}
