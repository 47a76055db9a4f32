namespace Ledgerline.Audio;

/// <summary>
/// A FLAC frame header (RFC 9639 §9.1): 15 sync bits, blocking strategy, codes for block size and sample rate, channels, sample size, the
/// frame or sample number as an extended UTF-8 character, up to 4 more bytes and a CRC-8 over all of it. A rate of 0 means the stream's own.
/// </summary>
internal readonly record struct FlacFrame(int Samples, int SampleRate)
{
    /// <summary>4 fixed bytes, a number of up to 7, block size and rate of up to 2 each, the CRC.</summary>
    public const int LongestHeader = 16;

    private static readonly int[] Rates = [0, 88_200, 176_400, 192_000, 8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000, 96_000];
    private static readonly byte[] Crc8 = Crc8Table();

    public static bool TryRead(ReadOnlySpan<byte> at, out FlacFrame frame)
    {
        frame = default;
        if (at.Length < 6 || at[0] != 0xFF || (at[1] & 0xFE) != 0xF8)
        {
            return false;
        }

        int sizeCode = at[2] >> 4, rateCode = at[2] & 15, sampleCode = at[3] >> 1 & 7;
        var number = NumberBytes(at[4]);
        if (sizeCode == 0 || rateCode == 15 || at[3] >> 4 > 10 || sampleCode == 3 || (at[3] & 1) != 0 || number == 0)
        {
            return false;
        }

        var sizeBytes = sizeCode == 6 ? 1 : sizeCode == 7 ? 2 : 0;
        var rateBytes = rateCode == 12 ? 1 : rateCode is 13 or 14 ? 2 : 0;
        var end = 4 + number + sizeBytes + rateBytes;
        if (at.Length <= end || Check(at[..end]) != at[end])
        {
            return false;
        }

        var size = at.Slice(4 + number, sizeBytes);
        var samples = sizeCode switch
        {
            1 => 192,
            <= 5 => 576 << (sizeCode - 2),
            6 => size[0] + 1,
            7 => (size[0] << 8 | size[1]) + 1,
            _ => 256 << (sizeCode - 8),
        };

        var tail = at.Slice(4 + number + sizeBytes, rateBytes);
        var rate = rateCode switch
        {
            12 => tail[0] * 1000,
            13 => tail[0] << 8 | tail[1],
            14 => (tail[0] << 8 | tail[1]) * 10,
            _ => Rates[rateCode],
        };

        frame = new FlacFrame(samples, rate);
        return true;
    }

    private static int NumberBytes(byte first) => first switch
    {
        < 0x80 => 1,
        < 0xC0 => 0,
        < 0xE0 => 2,
        < 0xF0 => 3,
        < 0xF8 => 4,
        < 0xFC => 5,
        < 0xFE => 6,
        0xFE => 7,
        _ => 0,
    };

    private static byte Check(ReadOnlySpan<byte> header)
    {
        byte crc = 0;
        foreach (var b in header)
        {
            crc = Crc8[crc ^ b];
        }

        return crc;
    }

    private static byte[] Crc8Table()
    {
        var table = new byte[256];
        for (var i = 0; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 0x80) != 0 ? (crc << 1 ^ 0x07) & 0xFF : crc << 1;
            }

            table[i] = (byte)crc;
        }

        return table;
    }
}
