namespace Ledgerline.Audio;

/// <summary>
/// The 4-byte header of an MPEG audio frame (ISO 11172-3, 13818-3 and the 2.5 extension): 11 sync bits, version, layer, bit rate, sample
/// rate and padding give the size of the frame; version and layer give how many samples it plays. Free-format frames have no size and do not count.
/// </summary>
internal readonly record struct MpegFrame(int Bytes, int Samples, int SampleRate, uint Kind)
{
    // Sync, version, layer and sample rate stay the same throughout a stream; bit rate, padding and channel mode may change.
    private const uint KindMask = 0xFFFE_0C00;

    // The bit rates of each layer in units of 8 kbit/s.
    private static ReadOnlySpan<byte> Version1Rates =>
    [
        0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56,
        0, 4, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48,
        0, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40,
    ];

    private static ReadOnlySpan<byte> Version2Rates =>
    [
        0, 4, 6, 7, 8, 10, 12, 14, 16, 18, 20, 22, 24, 28, 32,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 18, 20,
    ];

    public bool IsVersion1 => (Kind >> 19 & 3) == 3;

    public bool IsLayer3 => (Kind >> 17 & 3) == 1;

    public static bool TryRead(uint header, out MpegFrame frame)
    {
        var version = header >> 19 & 3;
        var layer = 4 - (int)(header >> 17 & 3);
        var bitRate = (int)(header >> 12 & 15);
        var rate = header >> 10 & 3;
        frame = default;
        if (header >> 21 != 0x7FF || version == 1 || layer == 4 || bitRate is 0 or 15 || rate == 3)
        {
            return false;
        }

        var low = version != 3;
        var sampleRate = (rate == 0 ? 44_100 : rate == 1 ? 48_000 : 32_000) >> (version == 3 ? 0 : version == 2 ? 1 : 2);
        var bitsPerSecond = (low ? Version2Rates : Version1Rates)[(layer - 1) * 15 + bitRate] * 8_000;
        var padding = (int)(header >> 9 & 1);
        var samples = layer == 1 ? 384 : layer == 3 && low ? 576 : 1152;
        var bytes = layer == 1
            ? (12 * bitsPerSecond / sampleRate + padding) * 4
            : samples / 8 * bitsPerSecond / sampleRate + padding;
        frame = new MpegFrame(bytes, samples, sampleRate, header & KindMask);
        return true;
    }
}
