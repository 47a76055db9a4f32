namespace Ledgerline.Audio;

/// <summary>
/// Counts the access units in one packet of a container. There should be one, but decoders play what follows in the same packet too, so a
/// sample table that joins many into one would make a long recording look short.
/// </summary>
internal static class AacPacket
{
    /// <summary>A unit has at most 6,144 bits for each of up to 8 channels; twice that leaves room for filling.</summary>
    private const int WindowBytes = 12 * 1024;

    public static long AccessUnits(ByteReader file, long at, long size, AacConfig config)
    {
        long units = 0;
        var end = Math.Min(at + size, file.Length);
        while (at < end)
        {
            file.Position = at;
            var window = file.Peek((int)Math.Min(WindowBytes, end - at));
            var used = AacAccessUnit.Measure(window, config.RateIndex);
            if (used == 0)
            {
                // Decoders then drop the rest of the packet.
                return units + 1;
            }

            units++;
            at += used;
            var zeros = window[Math.Min(used, window.Length)..].IndexOfAnyExcept((byte)0);
            if (zeros < 0 && at + window.Length - used >= end)
            {
                break;
            }
        }

        return Math.Max(1, units);
    }
}
