using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>The fmt chunk of a WAV file (WAVEFORMATEX): tag, channels, sample rate, byte rate, block size, bits; the extensible form adds the valid bits and a GUID.</summary>
internal readonly record struct WaveFormat
{
    private const ushort Pcm = 1, MsAdpcm = 2, Float = 3, ALaw = 6, MuLaw = 7, ImaAdpcm = 0x11, Extensible = 0xFFFE;

    private static ReadOnlySpan<byte> ClassicGuid => [0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80, 0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71];

    private ushort Tag { get; init; }

    private int Channels { get; init; }

    private int BlockBytes { get; init; }

    private int FrameBytes { get; init; }

    public int SampleRate { get; private init; }

    /// <summary>16-bit PCM is the one kind that decoders search for other codecs.</summary>
    public bool IsPcm16 => Tag == Pcm && FrameBytes == 2 * Channels;

    public static WaveFormat Read(ReadOnlySpan<byte> body, bool bigEndian)
    {
        if (body.Length < 14)
        {
            throw AudioFault.Unreadable("The WAV file's format chunk is too short.");
        }

        ushort Word(ReadOnlySpan<byte> at) => bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
        uint Long(ReadOnlySpan<byte> at) => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);

        var tag = Word(body);
        var channels = Word(body[2..]);
        var rate = Long(body[4..]);
        var block = Word(body[12..]);
        int bits = body.Length >= 16 ? Word(body[14..]) : 8;
        if (tag == Extensible)
        {
            // The last 14 bytes are the same for every GUID that wraps one of the classic tags.
            if (body.Length < 40 || !body[26..40].SequenceEqual(ClassicGuid))
            {
                throw Unknown();
            }

            tag = Word(body[24..]);
            int valid = Word(body[18..]);
            // Decoders disagree whether the container's bits or the valid bits set the sample size; the smaller one plays longer.
            bits = valid == 0 ? bits : Math.Min(bits, valid);
        }

        Sane.SampleRate(rate);
        Sane.Channels(channels);
        var sampleBytes = (tag, bits) switch
        {
            (Pcm, >= 1 and <= 32 or 64) => (bits + 7) / 8,
            (Float, 32 or 64) => bits / 8,
            (ALaw or MuLaw, _) => 1,
            (MsAdpcm, 4) => 0,
            (ImaAdpcm, 4) => 0,
            _ => throw Unknown(),
        };

        var header = tag == MsAdpcm ? 7 * channels : 4 * channels;
        if (sampleBytes == 0 && block <= header)
        {
            throw AudioFault.Unreadable("The WAV file's ADPCM blocks are too small.");
        }

        var frame = sampleBytes * channels;
        return new WaveFormat
        {
            Tag = tag,
            Channels = channels,
            BlockBytes = block,
            FrameBytes = block > 0 ? Math.Min(frame, block) : frame,
            SampleRate = (int)rate,
        };
    }

    /// <summary>How many sample frames a decoder makes of so many bytes.</summary>
    public long Frames(long bytes) => FrameBytes > 0
        ? bytes / FrameBytes
        : checked(bytes / BlockBytes * BlockFrames(BlockBytes) + BlockFrames((int)(bytes % BlockBytes)));

    /// <summary>Microsoft: a 7-byte header with two samples, then 4 bits each. IMA: a 4-byte header with one sample, then words of eight; both per channel.</summary>
    private long BlockFrames(int bytes) => Tag == MsAdpcm
        ? bytes < 7 * Channels ? 0 : (bytes - 6 * Channels) * 2 / Channels
        : bytes < 4 * Channels ? 0 : 1 + (bytes - 4 * Channels) / (4 * Channels) * 8;

    private static AudioFault Unknown() =>
        AudioFault.Unsupported("The WAV file holds a codec other than PCM, float, A-law, mu-law or ADPCM.");
}
