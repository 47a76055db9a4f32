namespace Ledgerline.Audio;

/// <summary>An MPEG transport stream has a byte 0x47 every 188, 192 or 204 bytes; decoders believe it when most of a stretch from the start keeps the step.</summary>
internal static class TransportStream
{
    private const int FirstStretch = 2 * 1024;

    public static bool IsLikely(ByteReader file, long start, long end)
    {
        Span<int> by188 = stackalloc int[188];
        Span<int> by192 = stackalloc int[192];
        Span<int> by204 = stackalloc int[204];
        by188.Clear();
        by192.Clear();
        by204.Clear();

        long seen = 0, stretch = FirstStretch;
        for (file.Position = start; file.Position < end;)
        {
            var ahead = file.Ahead(1);
            if (ahead.IsEmpty)
            {
                break;
            }

            if (ahead.Length > stretch - seen)
            {
                ahead = ahead[..(int)(stretch - seen)];
            }

            for (var at = ahead.IndexOf((byte)0x47); at >= 0;)
            {
                by188[(int)((seen + at) % 188)]++;
                by192[(int)((seen + at) % 192)]++;
                by204[(int)((seen + at) % 204)]++;
                var next = ahead[(at + 1)..].IndexOf((byte)0x47);
                at = next < 0 ? -1 : at + 1 + next;
            }

            seen += ahead.Length;
            file.Position += ahead.Length;
            if (seen == stretch)
            {
                if (Keeps(by188, seen) || Keeps(by192, seen) || Keeps(by204, seen))
                {
                    return true;
                }

                stretch *= 2;
            }
        }

        return false;
    }

    private static bool Keeps(ReadOnlySpan<int> hits, long bytes)
    {
        foreach (var hit in hits)
        {
            if (hit * 2L * hits.Length > bytes)
            {
                return true;
            }
        }

        return false;
    }
}
