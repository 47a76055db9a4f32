using System.Text;

namespace Sandbox.OpenAi.Audio;

/// <summary>RIFF/WAVE: the bytes of sound that are really there, over the bytes of a second.</summary>
internal static class WavFile
{
    private const int Extensible = 0xFFFE;

    public static AudioFacts? Measure(FileWindow file)
    {
        var wide = file.Has(0, "RF64"u8);
        if ((!wide && !file.Has(0, "RIFF"u8)) || !file.Has(8, "WAVE"u8))
        {
            return null;
        }

        decimal bytesASecond = 0;
        long sound = -1;
        ulong wideSound = 0;
        string? comment = null;
        for (long at = 12; at + 8 <= file.Length;)
        {
            long size = file.U32(at + 4, little: true);
            var body = at + 8;
            if (file.Has(at, "ds64"u8))
            {
                wideSound = file.U64(body + 8, little: true);
            }
            else if (file.Has(at, "fmt "u8))
            {
                bytesASecond = BytesASecond(file, body, size);
            }
            else if (file.Has(at, "data"u8))
            {
                // A writer that could not seek leaves the size open: then the sound goes on to the end.
                var open = size == uint.MaxValue && !wide;
                size = wide && size == uint.MaxValue ? checked((long)wideSound) : size;
                size = open || body + size > file.Length ? file.Length - body : size;
                sound = Math.Max(sound, 0) + size;
            }
            else if (file.Has(at, "LIST"u8) && file.Has(body, "INFO"u8))
            {
                comment ??= Comment(file, body + 4, body + size);
            }

            at = body + size + (size & 1);
        }

        return bytesASecond > 0 && sound >= 0 ? new AudioFacts("wav", sound / bytesASecond, comment) : null;
    }

    private static decimal BytesASecond(FileWindow file, long body, long size)
    {
        if (size < 16)
        {
            return 0;
        }

        int coding = file.U16(body, little: true);
        long channels = file.U16(body + 2, little: true);
        long rate = file.U32(body + 4, little: true);
        long claimed = file.U32(body + 8, little: true);
        long bits = file.U16(body + 14, little: true);
        if (coding == Extensible && size >= 26)
        {
            coding = file.U16(body + 24, little: true);
        }

        // ADPCM comes in blocks of so many samples; its claimed speed is often wrong.
        long inBlock = coding is 0x02 or 0x11 && size >= 20 ? file.U16(body + 18, little: true) : 0;
        if (inBlock > 0)
        {
            return (decimal)rate * file.U16(body + 12, little: true) / inBlock;
        }

        // Plain samples (integer, float, A-law, µ-law) play as fast as their width says, whatever the header claims.
        return coding is 1 or 3 or 6 or 7 ? rate * channels * ((bits + 7) / 8) : claimed;
    }

    private static string? Comment(FileWindow file, long from, long to)
    {
        for (var at = from; at + 8 <= Math.Min(to, file.Length);)
        {
            long size = file.U32(at + 4, little: true);
            if (file.Has(at, "ICMT"u8))
            {
                var text = file.At(at + 8, (int)Math.Min(size, 32 * 1024));
                return Encoding.UTF8.GetString(text).TrimEnd('\0').Trim();
            }

            at += 8 + size + (size & 1);
        }

        return null;
    }
}
