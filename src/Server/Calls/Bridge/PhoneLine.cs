using System.Buffers;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Text;

namespace Ledgerline.Calls.Bridge;

/// <summary>A message of the phone's side: its place in the line's own buffer, good until the next one is received.</summary>
/// <param name="IsWhole">False: it was larger than any frame may be, and is passed by.</param>
internal readonly record struct PhoneMessage(ReadOnlyMemory<byte> Text, bool IsWhole, bool IsEnd);

/// <summary>
/// The phone's socket. One receives, one sends; nothing is decoded and nothing allocated on the way. What is sent: media, marks, clear,
/// and nothing else.
/// </summary>
internal sealed class PhoneLine(WebSocket socket) : IDisposable
{
    private const int LargestFrame = 64 * 1024;
    private const int SmallBuffer = 1024;

    private static readonly byte[] EndOfMedia = [.. "\"}}"u8];

    private readonly SemaphoreSlim sending = new(1, 1);
    private byte[] incoming = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private byte[] outgoing = ArrayPool<byte>.Shared.Rent(SmallBuffer);
    private byte[] beginOfMedia = [];
    private byte[] mark = [];
    private byte[] clear = [];

    /// <summary>Frames that are sent from now on carry this stream's id.</summary>
    public void Name(string streamSid)
    {
        beginOfMedia = Encoding.UTF8.GetBytes($$$"""{"event":"media","streamSid":"{{{streamSid}}}","media":{"payload":""" + '"');
        mark = Encoding.UTF8.GetBytes($$$"""{"event":"mark","streamSid":"{{{streamSid}}}","mark":{"name":"responsePart"}}""");
        clear = Encoding.UTF8.GetBytes($$$"""{"event":"clear","streamSid":"{{{streamSid}}}"}""");
        beginOfMedia.CopyTo(outgoing, 0);
    }

    /// <param name="largest">Larger messages are read to their end and given up.</param>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<PhoneMessage> Receive(int largest = LargestFrame)
    {
        var length = 0;
        var isWhole = true;
        while (true)
        {
            var got = await socket.ReceiveAsync(incoming.AsMemory(length), CancellationToken.None);
            length += got.Count;
            if (got.MessageType == WebSocketMessageType.Close)
            {
                return new PhoneMessage(default, false, true);
            }

            isWhole &= got.MessageType == WebSocketMessageType.Text;
            if (got.EndOfMessage)
            {
                return new PhoneMessage(incoming.AsMemory(0, length), isWhole && length <= largest, false);
            }

            if (length > largest)
            {
                (isWhole, length) = (false, 0);
            }
            else if (length == incoming.Length)
            {
                Grow(ref incoming, length, length);
            }
        }
    }

    /// <param name="base64">Whole frames of 20 ms.</param>
    public async ValueTask Media(ReadOnlyMemory<byte> base64, bool withMark)
    {
        await sending.WaitAsync();
        try
        {
            var length = beginOfMedia.Length + base64.Length + EndOfMedia.Length;
            if (outgoing.Length < length)
            {
                Grow(ref outgoing, length, beginOfMedia.Length);
            }

            base64.CopyTo(outgoing.AsMemory(beginOfMedia.Length));
            EndOfMedia.CopyTo(outgoing, beginOfMedia.Length + base64.Length);
            await SendNow(outgoing.AsMemory(0, length));
            if (withMark)
            {
                await SendNow(mark);
            }
        }
        finally
        {
            sending.Release();
        }
    }

    public ValueTask Mark() => Send(mark);

    public ValueTask Clear() => Send(clear);

    /// <summary>Says goodbye to the other side and waits no longer than <paramref name="patience"/> for it to be sent.</summary>
    public async Task Close(WebSocketCloseStatus status, string? why, TimeSpan patience, TimeProvider clock)
    {
        try
        {
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(status, why, CancellationToken.None).WaitAsync(patience, clock);
            }
        }
        catch (Exception failure) when (failure is WebSocketException or TimeoutException or ObjectDisposedException or IOException or OperationCanceledException or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    /// <summary>Reads on until the other side has closed too, so that it finds why we did; no longer than this.</summary>
    public async Task Drain(TimeSpan patience)
    {
        var rest = Rest();
        if (await Task.WhenAny(rest, Task.Delay(patience, TimeProvider.System)) != rest)
        {
            socket.Abort();
            await rest;
        }
    }

    /// <summary>Ends whatever is being received or sent.</summary>
    public void Abort() => socket.Abort();

    /// <summary>Only when nobody receives or sends any more.</summary>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(incoming);
        ArrayPool<byte>.Shared.Return(outgoing);
        (incoming, outgoing) = ([], []);
        sending.Dispose();
    }

    private async Task Rest()
    {
        try
        {
            while (!(await Receive()).IsEnd)
            {
                // It is not read any more.
            }
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            // It has gone without a word.
        }
    }

    private async ValueTask Send(byte[] frame)
    {
        await sending.WaitAsync();
        try
        {
            await SendNow(frame);
        }
        finally
        {
            sending.Release();
        }
    }

    // A socket that takes nothing any more is heard of by whoever receives from it.
    private async ValueTask SendNow(ReadOnlyMemory<byte> frame)
    {
        try
        {
            await socket.SendAsync(frame, WebSocketMessageType.Text, true, CancellationToken.None);
        }
        catch (Exception failure) when (failure is WebSocketException or IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            socket.Abort();
        }
    }

    private static void Grow(ref byte[] buffer, int atLeast, int keep)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(atLeast, buffer.Length * 2));
        buffer.AsSpan(0, keep).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
