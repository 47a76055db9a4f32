namespace Ledgerline.Audio;

/// <summary>How long an Opus packet plays, from its own first bytes (RFC 6716 §3.1): a configuration that sets the frame size and a code or count of frames.</summary>
internal static class OpusPacket
{
    /// <summary>Opus always counts in 48 kHz, whatever was recorded.</summary>
    public const int SampleRate = 48_000;

    /// <summary>120 ms: decoders refuse a packet that says more.</summary>
    public const int MostSamples = 5_760;

    /// <summary>The samples of the packet that begins with these bytes; only the first two matter. An empty packet may stand for the longest one.</summary>
    public static int Samples(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty)
        {
            return MostSamples;
        }

        var configuration = start[0] >> 3;
        var frame = configuration switch
        {
            < 12 => (configuration & 3) == 3 ? 2_880 : 480 << (configuration & 3),
            < 16 => 480 << (configuration & 1),
            _ => 120 << (configuration & 3),
        };

        var frames = (start[0] & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => start.Length > 1 ? start[1] & 63 : 1,
        };

        return Math.Min(frame * frames, MostSamples);
    }
}
