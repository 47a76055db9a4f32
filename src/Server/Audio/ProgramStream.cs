namespace Ledgerline.Audio;

/// <summary>An MPEG program stream is made of packs (start code 00 00 01 BA) and packets (00 00 01 C0 to DF for audio), each with a recognisable next byte.</summary>
internal static class ProgramStream
{
    private const int Packs = 3;
    private const int Packets = 13;

    public static bool IsLikely(ByteReader file, long start, long end)
    {
        int packs = 0, packets = 0;
        file.Position = start;
        while (file.Position < end)
        {
            var ahead = file.Ahead(16);
            var at = ahead.IndexOf("\0\0\u0001"u8);
            if (at < 0 || at + 11 > ahead.Length)
            {
                if (ahead.Length < 16)
                {
                    break;
                }

                file.Position += Math.Max(1, ahead.Length - 11);
                continue;
            }

            var code = ahead.Slice(at, 11);
            if (code[3] == 0xBA && (code[4] >> 6 == 1 || code[4] >> 4 == 2))
            {
                packs++;
            }
            else if (code[3] is >= 0xC0 and <= 0xDF or 0xBD && IsPacketHeader(code[6..]))
            {
                packets++;
            }

            if (packs >= Packs || packets >= Packets)
            {
                return true;
            }

            file.Position += at + 3;
        }

        return false;
    }

    /// <summary>MPEG-2 marks the header with the bits 10 and repeats its time-stamp flags before the time stamp; MPEG-1 has a nibble 2 or 3 or stuffing.</summary>
    private static bool IsPacketHeader(ReadOnlySpan<byte> at) => at[0] >> 6 == 2
        ? at[1] >> 6 == 0 || at[1] >> 6 == at[3] >> 4
        : at[0] >> 4 is 2 or 3 or 0xF;
}
