using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// Native FLAC (RFC 9639): "fLaC", metadata blocks (a last-block bit, 7 bits of type, 24 of size), then frames to the end. The frames are
/// counted, always; the STREAMINFO block's total only tells whether some are missing.
/// </summary>
internal static class FlacReader
{
    private const int StreamInfo = 0;
    private const int StreamInfoBytes = 34;
    private const int OldTagBytes = 128;

    public static TimeSpan Read(ByteReader file)
    {
        file.Take(4);
        var rate = 0;
        var total = 0L;
        for (var last = false; !last;)
        {
            var head = file.Take(4);
            last = (head[0] & 0x80) != 0;
            var type = head[0] & 0x7F;
            var size = head[1] << 16 | head[2] << 8 | head[3];
            var body = file.Position;
            if (type == StreamInfo && size >= StreamInfoBytes && rate == 0)
            {
                var info = file.Take(StreamInfoBytes);
                (rate, total) = (SampleRate(info), TotalSamples(info));
            }

            file.Position = body + size;
        }

        var start = file.Position;
        var (length, samples, isWhole) = Frames(file, start, file.Length, rate);
        if (!isWhole && HasOldTag(file))
        {
            isWhole = Frames(file, start, file.Length - OldTagBytes, rate).IsWhole;
        }

        return samples > 0 && (!isWhole || samples < total) ? throw AudioFault.CutOff("before its last frame ends") : length;
    }

    private static (TimeSpan Length, long Samples, bool IsWhole) Frames(ByteReader file, long start, long end, int rate)
    {
        using var frames = new FlacFrames(rate);
        file.Position = start;
        while (file.Position < end && file.Ahead(1) is { Length: > 0 } bytes)
        {
            bytes = bytes[..(int)Math.Min(bytes.Length, end - file.Position)];
            frames.Feed(bytes);
            file.Position += bytes.Length;
        }

        var length = frames.End().Total;
        return (length, frames.Samples, frames.IsWhole);
    }

    /// <summary>An ID3v1 tag behind the frames.</summary>
    private static bool HasOldTag(ByteReader file)
    {
        file.Position = Math.Max(0, file.Length - OldTagBytes);
        return file.Peek(OldTagBytes) is { Length: OldTagBytes } end && end.StartsWith("TAG"u8);
    }

    /// <summary>20 bits behind the two block sizes (2 bytes each) and the two frame sizes (3 bytes each).</summary>
    public static int SampleRate(ReadOnlySpan<byte> streamInfo) => streamInfo[10] << 12 | streamInfo[11] << 4 | streamInfo[12] >> 4;

    /// <summary>36 bits behind rate, channels and sample size; 0 where the encoder did not know.</summary>
    private static long TotalSamples(ReadOnlySpan<byte> streamInfo) =>
        (long)(streamInfo[13] & 15) << 32 | BinaryPrimitives.ReadUInt32BigEndian(streamInfo[14..]);
}
