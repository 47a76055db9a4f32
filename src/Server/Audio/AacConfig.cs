namespace Ledgerline.Audio;

/// <summary>
/// AudioSpecificConfig (ISO 14496-3 §1.6.2.1): object type, rate index, channels; HE-AAC wraps AAC-LC with a second rate that does not change
/// how long a unit plays. Only AAC-LC underneath is followed: it is what recorders write.
/// </summary>
internal readonly record struct AacConfig(int RateIndex, int SampleRate)
{
    /// <summary>An access unit of AAC-LC plays 1,024 samples at the core rate.</summary>
    public const int UnitSamples = 1_024;

    private const int Lc = 2, Sbr = 5, Ps = 29;

    private static ReadOnlySpan<int> Rates =>
        [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000];

    public static AacConfig Read(ReadOnlySpan<byte> data)
    {
        var bits = new BitReader(data);
        var type = bits.Read(5);
        var rate = (int)bits.Read(4);
        bits.Skip(4);
        if (type is Sbr or Ps)
        {
            bits.Skip(bits.Read(4) == 15 ? 24 : 0);
            type = bits.Read(5);
        }

        var shortFrames = bits.Flag();
        if (bits.Overrun || type != Lc || rate >= Rates.Length || shortFrames)
        {
            throw AudioFault.Unsupported("The file holds a kind of AAC other than LC and HE-AAC.");
        }

        return new AacConfig(rate, Rates[rate]);
    }
}
