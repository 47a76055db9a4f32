namespace Ledgerline.Audio;

/// <summary>One track of a Matroska file. Packets of Opus and Vorbis tell their own length, PCM has its size, AAC its access units.</summary>
internal sealed class MatroskaTrack
{
    private const int AudioType = 2;
    private const int LargestPrivate = 64 * 1024;
    private const long Second = 1_000_000_000;

    private readonly PlayingTime time = new();
    private VorbisBlocks? vorbis;
    private AacConfig? aac;
    private int pcmFrameBytes;
    private int rate = OpusPacket.SampleRate;
    private int preSkip;
    private long blockSamples;
    private long frameSamples;
    private long discarded;
    private long first = long.MaxValue;
    private long last = long.MinValue;
    private long lastEnd;

    public required long Number { get; init; }

    public required bool IsAudio { get; init; }

    /// <summary>Equal for two descriptions that decode alike.</summary>
    public required string Description { get; init; }

    public TimeSpan Length
    {
        get
        {
            time.Trim(discarded + preSkip, rate);
            (discarded, preSkip) = (0, 0);
            return time.Total;
        }
    }

    public static MatroskaTrack Read(ByteReader file, EbmlElement entry)
    {
        long number = 0, type = 0, channels = 1, bits = 0, frequency = 8_000, output = 0;
        EbmlElement codecPrivate = default;
        var codec = "";
        var encoded = false;
        file.Position = entry.Body;
        Span<uint> seen = stackalloc uint[16];
        var known = 0;
        while (entry.TryChild(file, out var child))
        {
            if (Matroska.DescribesCodec(child.Id))
            {
                seen[known] = seen[..known].Contains(child.Id)
                    ? throw AudioFault.Unreadable("The WebM file describes one track in two ways.")
                    : child.Id;
                known++;
            }

            switch (child.Id)
            {
                case Matroska.AudioSettings:
                    continue;
                case Matroska.TrackNumber:
                    number = checked((long)child.Unsigned(file));
                    break;
                case Matroska.TrackType:
                    type = checked((long)child.Unsigned(file));
                    break;
                case Matroska.CodecId:
                    codec = System.Text.Encoding.ASCII.GetString(file.Peek((int)Math.Min(child.Size, 32)).TrimEnd((byte)0));
                    break;
                case Matroska.CodecPrivate:
                    codecPrivate = child;
                    break;
                case Matroska.ContentEncodings:
                    encoded = true;
                    break;
                case Matroska.SamplingFrequency:
                    frequency = child.Whole(file);
                    break;
                case Matroska.OutputSamplingFrequency:
                    output = child.Whole(file);
                    break;
                case Matroska.Channels:
                    channels = checked((long)child.Unsigned(file));
                    break;
                case Matroska.BitDepth:
                    bits = checked((long)child.Unsigned(file));
                    break;
                default:
                    break;
            }

            file.Position = child.End;
        }

        if (file.Position != entry.End)
        {
            throw AudioFault.Unreadable("The WebM file's description of a track is broken.");
        }

        var isAudio = type == AudioType || codec.StartsWith("A_", StringComparison.Ordinal);
        if (isAudio && encoded)
        {
            throw AudioFault.Unsupported("The WebM file's audio is compressed or encrypted once more.");
        }

        file.Position = codecPrivate.Body;
        var data = file.Peek((int)Math.Min(codecPrivate.Size, LargestPrivate));
        var track = new MatroskaTrack
        {
            Number = number,
            IsAudio = isAudio,
            Description = $"{type} {codec} {channels} {bits} {frequency} {output} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(data))}",
        };

        if (isAudio)
        {
            track.Open(codec, data, frequency, output, channels, bits);
        }

        return track;
    }

    public void BeginBlock(long at)
    {
        (discarded, blockSamples, frameSamples) = (0, 0, 0);
        first = Math.Min(first, at);
        last = Math.Max(last, at);
    }

    public void Frame(ByteReader file, long at, long size)
    {
        file.Position = at;
        long samples;
        if (pcmFrameBytes > 0)
        {
            samples = size / pcmFrameBytes;
        }
        else if (aac is not null)
        {
            samples = AacPacket.AccessUnits(file, at, size, aac.Value) * AacConfig.UnitSamples;
        }
        else
        {
            var start = file.Peek((int)Math.Min(size, 2));
            samples = vorbis is not null ? vorbis.Samples(start) : OpusPacket.Samples(start);
        }

        frameSamples = samples;
        blockSamples += samples;
        time.Add(samples, rate);
        time.RefuseBeyondCeiling();
    }

    /// <summary>What a muxer marks as padding is only taken off the very last frame.</summary>
    public void EndBlock(long discardedNanoseconds)
    {
        lastEnd = blockSamples;
        var padding = (long)((Int128)Math.Max(0, discardedNanoseconds) * rate / Second);
        discarded = padding <= frameSamples ? padding : 0;
    }

    /// <summary>From the first time stamp to the end of the last block.</summary>
    public TimeSpan Timeline(MatroskaInfo info) =>
        last < first ? TimeSpan.Zero : info.Time(last - first) + PlayingTime.Of(lastEnd, rate);

    private void Open(string codec, ReadOnlySpan<byte> data, long frequency, long output, long channels, long bits)
    {
        switch (codec)
        {
            case "A_OPUS":
                preSkip = data.Length >= 12 && data.StartsWith("OpusHead"u8) ? data[10] | data[11] << 8 : 0;
                break;
            case "A_VORBIS":
                OpenVorbis(data);
                break;
            case "A_AAC":
                aac = AacConfig.Read(data);
                rate = aac.Value.SampleRate;
                break;
            case "A_PCM/INT/LIT" or "A_PCM/INT/BIG" or "A_PCM/FLOAT/IEEE":
                var lowest = output > 0 ? Math.Min(frequency, output) : frequency;
                Sane.SampleRate(lowest);
                Sane.Channels((int)Math.Min(channels, 1000));
                if (bits is not (8 or 16 or 24 or 32 or 64))
                {
                    throw AudioFault.Unreadable("The WebM file's PCM has an impossible sample size.");
                }

                rate = (int)lowest;
                pcmFrameBytes = (int)(bits / 8 * channels);
                break;
            default:
                throw AudioFault.Unsupported("The WebM file's audio is neither Opus, Vorbis, AAC nor PCM.");
        }
    }

    /// <summary>The three Vorbis headers stand in one piece: their number less one, the sizes of the first two in bytes of 255, then the headers.</summary>
    private void OpenVorbis(ReadOnlySpan<byte> data)
    {
        int at = 1, identification = 0, comment = 0;
        for (var more = true; more && at < data.Length; more = data[at++] == 255)
        {
            identification += data[at];
        }

        for (var more = true; more && at < data.Length; more = data[at++] == 255)
        {
            comment += data[at];
        }

        if (data.IsEmpty || data[0] != 2 || at + identification + comment >= data.Length)
        {
            throw AudioFault.Unreadable("The WebM file's Vorbis headers are not whole.");
        }

        vorbis = VorbisBlocks.Identify(data.Slice(at, identification));
        var setup = data[(at + identification + comment)..];
        if (VorbisBlocks.IsSetup(setup))
        {
            vorbis.Setup(setup);
        }

        rate = vorbis.SampleRate;
    }
}
