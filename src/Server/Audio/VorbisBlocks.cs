namespace Ledgerline.Audio;

/// <summary>
/// How long Vorbis packets play (Vorbis I §4.2, §4.3): the identification header gives two block sizes, the setup header says for each mode
/// which one it uses, and a packet plays a quarter of its own block plus a quarter of the one before.
/// </summary>
internal sealed class VorbisBlocks
{
    private readonly int shortBlock;
    private readonly int longBlock;
    private ulong longModes = ulong.MaxValue;
    private int modeBits;
    private int previous;

    private VorbisBlocks(int shortBlock, int longBlock, int sampleRate, int channels)
    {
        this.shortBlock = shortBlock;
        this.longBlock = longBlock;
        SampleRate = sampleRate;
        Channels = channels;
    }

    public int SampleRate { get; }

    public int Channels { get; }

    /// <summary>The identification header: type 1, "vorbis", version, channels, rate, three bit rates, two block size exponents.</summary>
    public static VorbisBlocks Identify(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 29 || !packet.StartsWith("\u0001vorbis"u8))
        {
            throw AudioFault.Unreadable("The Vorbis stream does not begin with its header.");
        }

        var rate = BitConverter.ToUInt32(packet[12..]);
        int shortExponent = packet[28] & 15, longExponent = packet[28] >> 4;
        Sane.SampleRate(rate);
        Sane.Channels(packet[11]);
        if (shortExponent is < 6 or > 13 || longExponent < shortExponent || longExponent > 13)
        {
            throw AudioFault.Unreadable("The Vorbis stream names impossible block sizes.");
        }

        return new VorbisBlocks(1 << shortExponent, 1 << longExponent, (int)rate, packet[11]);
    }

    public static bool IsSetup(ReadOnlySpan<byte> packet) => packet.StartsWith("\u0005vorbis"u8);

    /// <summary>Until the setup header is known every block counts as long.</summary>
    public void Setup(ReadOnlySpan<byte> packet)
    {
        var modes = VorbisSetup.ReadModes(packet, Channels);
        longModes = modes.Long;
        modeBits = VorbisSetup.BitsFor(modes.Count - 1);
    }

    /// <summary>The samples of the audio packet with this first byte; packets with its lowest bit set are headers and play nothing.</summary>
    public int Samples(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty || (start[0] & 1) != 0)
        {
            return 0;
        }

        var mode = start[0] >> 1 & ((1 << modeBits) - 1);
        var block = (longModes >> mode & 1) != 0 ? longBlock : shortBlock;
        var samples = previous == 0 ? 0 : (previous + block) / 4;
        previous = block;
        return samples;
    }
}
