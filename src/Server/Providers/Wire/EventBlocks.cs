using System.Text;

namespace Ledgerline.Providers.Wire;

/// <summary>
/// Cuts a stream of server-sent events into its events, byte for byte, wherever the network has cut it. Lines end with LF or CRLF; an
/// event ends with an empty line.
/// </summary>
/// <param name="mostBytes">An event that is larger is none.</param>
internal sealed class EventBlocks(int mostBytes)
{
    private byte[] buffer = new byte[4096];
    private int start;
    private int scanned;
    private int end;

    /// <exception cref="InvalidDataException">What has arrived of an event is too large for one.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (end + bytes.Length > buffer.Length)
        {
            MakeRoom(bytes.Length);
        }

        bytes.CopyTo(buffer.AsSpan(end));
        end += bytes.Length;
    }

    /// <summary>The next whole event with the empty line that ends it; null when more must arrive.</summary>
    public byte[]? Next()
    {
        // scanned stands at the beginning of a line.
        while (buffer.AsSpan(scanned, end - scanned).IndexOf((byte)'\n') is var length and >= 0)
        {
            var isEmpty = length == 0 || (length == 1 && buffer[scanned] == '\r');
            scanned += length + 1;
            if (isEmpty)
            {
                return Take();
            }
        }

        return end - start > mostBytes ? throw new InvalidDataException($"An event is larger than {mostBytes} bytes.") : null;
    }

    /// <summary>What is left when the stream is over, and is no event by the letter; null when nothing is.</summary>
    public byte[]? Rest()
    {
        scanned = end;
        return end > start ? Take() : null;
    }

    /// <summary>What the event carries: its data lines; null when it has none, as a comment has none.</summary>
    public static string? Data(ReadOnlySpan<byte> block)
    {
        string? data = null;
        while (!block.IsEmpty)
        {
            var length = block.IndexOf((byte)'\n');
            var line = length < 0 ? block : block[..length];
            block = length < 0 ? [] : block[(length + 1)..];
            if (line.EndsWith("\r"u8))
            {
                line = line[..^1];
            }

            if (line.StartsWith("data:"u8))
            {
                line = line["data:"u8.Length..];
                var text = Encoding.UTF8.GetString(line.StartsWith(" "u8) ? line[1..] : line);
                data = data is null ? text : $"{data}\n{text}";
            }
        }

        return data;
    }

    private byte[] Take()
    {
        var taken = buffer.AsSpan(start, scanned - start).ToArray();
        start = scanned;
        if (start == end)
        {
            (start, scanned, end) = (0, 0, 0);
        }

        return taken;
    }

    private void MakeRoom(int more)
    {
        var waiting = end - start;
        var target = waiting + more <= buffer.Length / 2 ? buffer : new byte[Math.Max(buffer.Length * 2, waiting + more)];
        Buffer.BlockCopy(buffer, start, target, 0, waiting);
        (buffer, scanned, start, end) = (target, scanned - start, 0, waiting);
    }
}
