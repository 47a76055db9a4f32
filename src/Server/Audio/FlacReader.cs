namespace Ledgerline.Audio;

/// <summary>
/// Native FLAC (RFC 9639): "fLaC", metadata blocks (a last-block bit, 7 bits of type, 24 of size), then frames to the end. The STREAMINFO
/// block's total is not needed: the frames are counted, always.
/// </summary>
internal static class FlacReader
{
    private const int StreamInfo = 0;
    private const int StreamInfoBytes = 34;

    public static TimeSpan Read(ByteReader file)
    {
        file.Take(4);
        var rate = 0;
        for (var last = false; !last;)
        {
            var head = file.Take(4);
            last = (head[0] & 0x80) != 0;
            var type = head[0] & 0x7F;
            var size = head[1] << 16 | head[2] << 8 | head[3];
            var body = file.Position;
            if (type == StreamInfo && size >= StreamInfoBytes && rate == 0)
            {
                rate = SampleRate(file.Take(StreamInfoBytes));
            }

            file.Position = body + size;
        }

        using var frames = new FlacFrames(rate);
        while (file.Ahead(1) is { Length: > 0 } bytes)
        {
            frames.Feed(bytes);
            file.Position += bytes.Length;
        }

        return frames.End().Total;
    }

    /// <summary>20 bits behind the two block sizes (2 bytes each) and the two frame sizes (3 bytes each).</summary>
    public static int SampleRate(ReadOnlySpan<byte> streamInfo) => streamInfo[10] << 12 | streamInfo[11] << 4 | streamInfo[12] >> 4;
}
