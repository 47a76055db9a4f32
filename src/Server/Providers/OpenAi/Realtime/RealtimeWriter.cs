using System.Buffers;
using System.Net.WebSockets;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>
/// The one writer of a session. What comes while nothing is being sent goes out on the caller's own thread, and nobody waits: what comes
/// while the connection is busy queues up in order, audio for two seconds at most, of which the oldest goes first.
/// </summary>
internal sealed class RealtimeWriter(WebSocket socket) : IDisposable
{
    private const int MostAudioChars = 2 * 8000 / 3 * 4;

    // A connection that takes nothing at all is not worth more.
    private const int MostWaiting = 4 * 1024 * 1024;

    private readonly Lock gate = new();
    private readonly LinkedList<Waiting> waiting = new();
    private byte[] buffer = Prepared();
    private int audioWaiting;
    private int allWaiting;
    private bool isSending;
    private bool isOver;
    private long dropped;

    private static ReadOnlySpan<byte> Begin => "{\"type\":\"input_audio_buffer.append\",\"audio\":\""u8;

    private static ReadOnlySpan<byte> EndOfAudio => "\"}"u8;

    public long Dropped => Interlocked.Read(ref dropped);

    public void Audio(ReadOnlySpan<byte> base64)
    {
        int length;
        lock (gate)
        {
            if (isOver)
            {
                return;
            }

            if (isSending)
            {
                QueueAudio(base64);
                return;
            }

            isSending = true;
            length = Fill(base64);
        }

        _ = Send(buffer.AsMemory(0, length));
    }

    public void Event(byte[] json)
    {
        lock (gate)
        {
            if (isOver)
            {
                return;
            }

            if (isSending)
            {
                allWaiting += json.Length;
                waiting.AddLast(new Waiting(json, json.Length, false));
                Limit();
                return;
            }

            isSending = true;
        }

        _ = Send(json);
    }

    /// <summary>Nothing is sent any more but what is being sent.</summary>
    public void End()
    {
        lock (gate)
        {
            isOver = true;
        }
    }

    /// <summary>Only when nothing is being sent any more.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            isOver = true;
            if (!isSending && buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = [];
            }
        }
    }

    private static byte[] Prepared()
    {
        var fresh = ArrayPool<byte>.Shared.Rent(512);
        Begin.CopyTo(fresh);
        return fresh;
    }

    private int Fill(ReadOnlySpan<byte> base64)
    {
        var length = Begin.Length + base64.Length + EndOfAudio.Length;
        if (buffer.Length < length)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = ArrayPool<byte>.Shared.Rent(length);
            Begin.CopyTo(buffer);
        }

        base64.CopyTo(buffer.AsSpan(Begin.Length));
        EndOfAudio.CopyTo(buffer.AsSpan(length - EndOfAudio.Length));
        return length;
    }

    private async Task Send(ReadOnlyMemory<byte> first)
    {
        try
        {
            var next = first;
            do
            {
                await socket.SendAsync(next, WebSocketMessageType.Text, true, CancellationToken.None);
            }
            while (Next(out next));
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // Whoever receives hears of it.
            lock (gate)
            {
                (isOver, isSending) = (true, false);
            }

            socket.Abort();
        }
    }

    private bool Next(out ReadOnlyMemory<byte> next)
    {
        lock (gate)
        {
            if (waiting.First is not { Value: var one } || isOver)
            {
                isSending = false;
                next = default;
                return false;
            }

            waiting.RemoveFirst();
            allWaiting -= one.Length;
            if (!one.IsAudio)
            {
                next = one.Bytes;
                return true;
            }

            audioWaiting -= one.Length;
            next = buffer.AsMemory(0, Fill(one.Bytes.AsSpan(0, one.Length)));
            ArrayPool<byte>.Shared.Return(one.Bytes);
            return true;
        }
    }

    private void QueueAudio(ReadOnlySpan<byte> base64)
    {
        var copy = ArrayPool<byte>.Shared.Rent(base64.Length);
        base64.CopyTo(copy);
        waiting.AddLast(new Waiting(copy, base64.Length, true));
        allWaiting += base64.Length;
        audioWaiting += base64.Length;
        for (var node = waiting.First; audioWaiting > MostAudioChars && node is not null;)
        {
            var next = node.Next;
            if (node.Value is { IsAudio: true } oldest)
            {
                waiting.Remove(node);
                audioWaiting -= oldest.Length;
                allWaiting -= oldest.Length;
                dropped++;
                ArrayPool<byte>.Shared.Return(oldest.Bytes);
            }

            node = next;
        }
    }

    private void Limit()
    {
        if (allWaiting > MostWaiting)
        {
            isOver = true;
            socket.Abort();
        }
    }

    private readonly record struct Waiting(byte[] Bytes, int Length, bool IsAudio);
}
