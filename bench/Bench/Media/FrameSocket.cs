using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Bench.Media;

/// <summary>
/// A WebSocket with nothing round it: text frames in, text frames out, pings answered. It costs so little that hundreds of them, at both
/// ends of a bridge, leave the machine to the bridge. Receiving is all on one thread; whoever sends may send.
/// </summary>
internal abstract class FrameSocket : IDisposable
{
    private const int Text = 1;
    private const int Close = 8;
    private const int Ping = 9;
    private const int Pong = 10;

    private readonly Socket socket;
    private readonly SocketAsyncEventArgs receiving = new();
    private readonly Lock sending = new();
    private readonly bool masks;
    private byte[] incoming = new byte[4096];
    private byte[] outgoing = new byte[1024];
    private int filled;
    private bool upgraded;
    private int closed;

    /// <param name="masks">Clients mask what they send; a key of zeros masks as well as any and costs nothing.</param>
    protected FrameSocket(Socket socket, bool masks)
    {
        (this.socket, this.masks) = (socket, masks);
        socket.NoDelay = true;
        receiving.Completed += (_, _) => Go();
    }

    public bool IsClosed => Volatile.Read(ref closed) == 1;

    /// <summary>Begins to receive.</summary>
    public void Start()
    {
        Room();
        Receive();
    }

    /// <summary>Sends a text; false when nobody is there any more.</summary>
    public bool Send(ReadOnlySpan<byte> text) => SendFrame(Text, text);

    /// <summary>Bytes before the protocol was changed.</summary>
    protected bool SendRaw(ReadOnlySpan<byte> bytes)
    {
        lock (sending)
        {
            return Push(bytes);
        }
    }

    /// <summary>Says goodbye and goes.</summary>
    public void Leave()
    {
        SendFrame(Close, [0x03, 0xE8]);
        Dispose();
    }

    /// <summary>Goes without a word.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref closed, 1) == 0)
        {
            socket.Dispose();
            OnClosed();
        }
    }

    /// <summary>The head of an HTTP message has come; true: frames from here on.</summary>
    protected abstract bool OnHead(ReadOnlySpan<byte> head);

    protected abstract void OnText(Span<byte> text);

    protected abstract void OnClosed();

    private void Go()
    {
        if (Take())
        {
            Receive();
        }
    }

    private void Receive()
    {
        try
        {
            while (!IsClosed && !socket.ReceiveAsync(receiving) && Take())
            {
            }
        }
        catch (ObjectDisposedException)
        {
            // Closed by the other thread.
        }
    }

    private bool Take()
    {
        if (receiving.SocketError != SocketError.Success || receiving.BytesTransferred == 0)
        {
            Dispose();
            return false;
        }

        filled += receiving.BytesTransferred;
        var taken = Read(incoming.AsSpan(0, filled));
        if (taken > 0)
        {
            incoming.AsSpan(taken, filled - taken).CopyTo(incoming);
            filled -= taken;
        }

        if (filled == incoming.Length)
        {
            Array.Resize(ref incoming, incoming.Length * 2);
        }

        Room();
        return !IsClosed;
    }

    private void Room() => receiving.SetBuffer(incoming, filled, incoming.Length - filled);

    /// <summary>How much was used up.</summary>
    private int Read(Span<byte> bytes)
    {
        var taken = 0;
        while (!upgraded)
        {
            var end = bytes[taken..].IndexOf("\r\n\r\n"u8);
            if (end < 0)
            {
                return taken;
            }

            upgraded = OnHead(bytes.Slice(taken, end + 4));
            taken += end + 4;
        }

        while (Frame(bytes[taken..], out var opcode, out var start, out var length))
        {
            var payload = bytes.Slice(taken + start, length);
            taken += start + length;
            switch (opcode)
            {
                case Close:
                    Leave();
                    return taken;
                case Ping:
                    SendFrame(Pong, payload);
                    break;
                case Text:
                    OnText(payload);
                    break;
            }
        }

        return taken;
    }

    private static bool Frame(Span<byte> bytes, out int opcode, out int start, out int length)
    {
        (opcode, start, length) = (0, 2, 0);
        if (bytes.Length < 2)
        {
            return false;
        }

        opcode = bytes[0] & 0x0F;
        var masked = (bytes[1] & 0x80) != 0;
        length = bytes[1] & 0x7F;
        if (length == 126)
        {
            start = 4;
            length = bytes.Length < 4 ? int.MaxValue / 2 : BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        }
        else if (length == 127)
        {
            start = 10;
            length = bytes.Length < 10 ? int.MaxValue / 2 : (int)BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
        }

        start += masked ? 4 : 0;
        if (bytes.Length < start + length)
        {
            return false;
        }

        if (masked)
        {
            Unmask(bytes.Slice(start, length), bytes.Slice(start - 4, 4));
        }

        return true;
    }

    private static void Unmask(Span<byte> text, ReadOnlySpan<byte> key)
    {
        var four = MemoryMarshal.Read<uint>(key);
        if (four == 0)
        {
            return;
        }

        var eight = (ulong)four << 32 | four;
        var wide = MemoryMarshal.Cast<byte, ulong>(text);
        for (var at = 0; at < wide.Length; at++)
        {
            wide[at] ^= eight;
        }

        for (var at = wide.Length * 8; at < text.Length; at++)
        {
            text[at] ^= key[at & 3];
        }
    }

    private bool SendFrame(int opcode, ReadOnlySpan<byte> payload)
    {
        lock (sending)
        {
            var head = (payload.Length < 126 ? 2 : payload.Length <= ushort.MaxValue ? 4 : 10) + (masks ? 4 : 0);
            if (outgoing.Length < head + payload.Length)
            {
                outgoing = new byte[(head + payload.Length) * 2];
            }

            outgoing[0] = (byte)(0x80 | opcode);
            var mask = (byte)(masks ? 0x80 : 0);
            if (payload.Length < 126)
            {
                outgoing[1] = (byte)(mask | payload.Length);
            }
            else if (payload.Length <= ushort.MaxValue)
            {
                outgoing[1] = (byte)(mask | 126);
                BinaryPrimitives.WriteUInt16BigEndian(outgoing.AsSpan(2), (ushort)payload.Length);
            }
            else
            {
                outgoing[1] = (byte)(mask | 127);
                BinaryPrimitives.WriteUInt64BigEndian(outgoing.AsSpan(2), (ulong)payload.Length);
            }

            if (masks)
            {
                outgoing.AsSpan(head - 4, 4).Clear();
            }

            payload.CopyTo(outgoing.AsSpan(head));
            return Push(outgoing.AsSpan(0, head + payload.Length));
        }
    }

    private bool Push(ReadOnlySpan<byte> bytes)
    {
        if (IsClosed)
        {
            return false;
        }

        try
        {
            while (bytes.Length > 0)
            {
                bytes = bytes[socket.Send(bytes)..];
            }

            return true;
        }
        catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
        {
            Dispose();
            return false;
        }
    }
}
