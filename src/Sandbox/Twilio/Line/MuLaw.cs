namespace Sandbox.Twilio.Line;

/// <summary>µ-law at 8 kHz, as the phone network speaks it: 160 bytes are 20 milliseconds.</summary>
internal static class MuLaw
{
    public const byte Silence = 0xFF;
    public const int Rate = 8000;
    public const int FrameBytes = 160;
    public const int FramesASecond = 50;
    private const int Bias = 0x84;
    private const int Loudest = 32_635;

    // Below this a sample is line noise.
    private const int Audible = 100;

    private static readonly short[] Samples = [.. Enumerable.Range(0, 256).Select(code => Expand(code))];

    public static short Decode(byte code) => Samples[code];

    public static byte Encode(int sample)
    {
        var level = Math.Min(Math.Abs(sample), Loudest) + Bias;
        var exponent = 7;
        for (var mask = 0x4000; exponent > 0 && (level & mask) == 0; mask >>= 1)
        {
            exponent--;
        }

        var code = (sample < 0 ? 0x80 : 0) | (exponent << 4) | ((level >> (exponent + 3)) & 0x0F);
        return (byte)(code ^ 0xFF);
    }

    public static bool IsAudible(ReadOnlySpan<byte> audio)
    {
        foreach (var code in audio)
        {
            if (Math.Abs((int)Samples[code]) > Audible)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A tone of 0.3 of full scale; a multiple of 12.5 Hz has a whole number of waves in four frames, and may be repeated.</summary>
    public static byte[] Tone(double hz, int frames)
    {
        var audio = new byte[frames * FrameBytes];
        for (var at = 0; at < audio.Length; at++)
        {
            audio[at] = Encode((int)Math.Round(0.3 * short.MaxValue * Math.Sin(2 * Math.PI * hz * at / Rate)));
        }

        return audio;
    }

    private static short Expand(int code)
    {
        var bits = code ^ 0xFF;
        var level = ((((bits & 0x0F) << 3) + Bias) << ((bits >> 4) & 7)) - Bias;
        return (short)((bits & 0x80) != 0 ? -level : level);
    }
}
