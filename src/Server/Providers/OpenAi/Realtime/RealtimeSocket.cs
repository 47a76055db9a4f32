using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>Reads whole messages from a session's socket into one buffer, which grows with the largest.</summary>
internal sealed class RealtimeSocket(ClientWebSocket socket) : IDisposable
{
    private const int FirstBytes = 4 * 1024;
    private const int MostBytes = 16 * 1024 * 1024;

    // A long instruction is echoed once, and then the pieces of audio are small.
    private const int KeptBytes = 64 * 1024;

    private static readonly TimeSpan ClosePatience = TimeSpan.FromMilliseconds(500);

    private byte[] buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);

    public ClientWebSocket Socket => socket;

    /// <summary>Why the other side closed, in its words.</summary>
    public string CloseReason => $"closed with {(int?)socket.CloseStatus ?? 0} {socket.CloseStatusDescription}".TrimEnd();

    /// <summary>Good until the next one; null when the other side has closed.</summary>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ReadOnlyMemory<byte>?> Receive(CancellationToken stop)
    {
        var length = 0;
        while (true)
        {
            var got = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
            if (got.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            length += got.Count;
            if (got.EndOfMessage)
            {
                return buffer.AsMemory(0, length);
            }

            if (length == buffer.Length)
            {
                Grow(length);
            }
        }
    }

    /// <summary>What grew for one large message is given back; the message before is not needed any more.</summary>
    public void Shrink()
    {
        if (buffer.Length > KeptBytes)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(FirstBytes);
        }
    }

    /// <summary>Says goodbye, briefly, and is gone.</summary>
    public async Task Close()
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(ClosePatience, TimeProvider.System);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or TimeoutException or InvalidOperationException or OperationCanceledException)
        {
            // It is gone already.
        }

        socket.Abort();
    }

    /// <summary>Only when nobody receives any more.</summary>
    public void Dispose()
    {
        socket.Dispose();
        // Whoever comes second finds nothing to give back.
        ArrayPool<byte>.Shared.Return(Interlocked.Exchange(ref buffer, []));
    }

    private void Grow(int length)
    {
        if (length >= MostBytes)
        {
            throw new WebSocketException(WebSocketError.HeaderError, "The provider sent a message that is too large.");
        }

        var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
