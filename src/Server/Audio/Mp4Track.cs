namespace Ledgerline.Audio;

/// <summary>
/// One track of an MP4 file. Its samples are looked into: a decoder plays what they hold, whatever the tables say of their duration. Tables
/// and header can only raise the length, and only by more than a second, below which they are rounding.
/// </summary>
internal sealed class Mp4Track
{
    // AAC encoders run in with up to three units. Decoders differ in how much of Opus' run-in they drop here, so that stays.
    private const int MostDelayUnits = 3;
    private const int MostJumpsBack = 100_000;

    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    private readonly PlayingTime time = new();
    private Mp4Codec? codec;
    private bool isVideo;
    private bool isSound;
    private long tableTicks;
    private long bytes;
    private long lastOffset;
    private int jumpsBack;

    public uint Id { get; set; }

    public uint TimeScale { get; set; }

    public long Duration { get; set; }

    public uint DefaultDuration { get; set; }

    public uint DefaultSize { get; set; }

    public Mp4Tables Tables { get; } = new();

    public Mp4Edits Edits { get; } = new();

    public bool IsAudio
    {
        get
        {
            var coding = codec?.Coding ?? Mp4Codec.Family.NoAudio;
            if ((coding == Mp4Codec.Family.Unknown && !isVideo) || (coding == Mp4Codec.Family.NoAudio && isSound && codec is not null))
            {
                throw AudioFault.Unsupported("The MP4 file's audio is neither AAC, Opus nor ALAC.");
            }

            return coding is Mp4Codec.Family.Aac or Mp4Codec.Family.Opus or Mp4Codec.Family.Alac;
        }
    }

    /// <summary>A track says once what it is; a handler that is neither sound nor picture belongs to an annotation.</summary>
    public void Handle(uint handler)
    {
        isSound |= handler == Mp4.SoundHandler;
        isVideo |= handler == Mp4.VideoHandler && !isSound;
    }

    public void Describe(Mp4Codec described) =>
        codec = codec is null ? described : throw AudioFault.Unreadable("A track of the MP4 file has a table twice.");

    /// <summary>A sample that is not there, or not all of it.</summary>
    public static AudioFault Missing() => AudioFault.CutOff("before its last sample ends");

    /// <summary>Counts what a decoder plays of one sample.</summary>
    public void Sample(ByteReader file, long offset, uint size, uint duration)
    {
        bytes += size;
        jumpsBack += offset < lastOffset ? 1 : 0;
        lastOffset = offset;
        if (bytes > file.Length || jumpsBack > MostJumpsBack)
        {
            throw AudioFault.Unreadable("The file claims more audio than it holds.");
        }

        if (offset < 0 || offset + size > file.Length)
        {
            throw Missing();
        }

        tableTicks = checked(tableTicks + duration);
        var here = file.Position;
        time.Add(Samples(file, offset, size), codec!.SampleRate);
        time.RefuseBeyondCeiling();
        file.Position = here;
    }

    public TimeSpan Length()
    {
        if (TimeScale == 0)
        {
            throw AudioFault.Unreadable("A track of the MP4 file has no time scale.");
        }

        if (Edits.Stretches == 1)
        {
            var delay = (long)((Int128)Edits.MediaStart * codec!.SampleRate / TimeScale);
            time.Trim(Math.Min(delay, MostDelayUnits * codec.UnitSamples), codec.SampleRate);
        }

        var played = time.Total;
        played = Raise(played, PlayingTime.Of(tableTicks, TimeScale));
        played = Raise(played, PlayingTime.Of(Duration, TimeScale));
        return new TimeSpan(checked(played.Ticks * Math.Max(1, Edits.Stretches)));
    }

    private static TimeSpan Raise(TimeSpan played, TimeSpan said) => said > played + Rounding ? said : played;

    private long Samples(ByteReader file, long offset, uint size)
    {
        switch (codec!.Coding)
        {
            case Mp4Codec.Family.Aac:
                return AacPacket.AccessUnits(file, offset, size, codec.Aac) * AacConfig.UnitSamples;
            case Mp4Codec.Family.Opus:
                file.Position = offset;
                return OpusPacket.Samples(file.Peek((int)Math.Min(size, 2)));
            default:
                return codec.UnitSamples;
        }
    }
}
