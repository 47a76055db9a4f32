using System.Buffers;

namespace Ledgerline.Audio;

/// <summary>
/// One logical stream of an Ogg file. Its length is the sum of what its packets say they play; granule positions only take off the encoder's
/// padding in the last packet, or add where the stream has gaps.
/// </summary>
internal sealed class OggStream : IDisposable
{
    private const int LargestSetup = 64 * 1024;

    private enum Codec
    {
        Unknown,
        Opus,
        Vorbis,
        Flac,
        NoAudio,
    }

    private readonly PlayingTime time = new();
    private TimeSpan flacTime;
    private Codec codec;
    private long packets;
    private bool inPacket;
    private VorbisBlocks? vorbis;
    private FlacFrames? flac;
    private byte[]? setup;
    private int setupBytes;
    private int preSkip;

    // In samples of this link, for comparing packets with granule positions.
    private long samples;
    private int lastPacket;
    private long lastGranule = -1;
    private long firstStart = -1;
    private bool granulesRise = true;
    private bool ended;

    // In a single page of Vorbis decoders take what is missing for a start before zero, and play it.
    private bool onePage = true;

    /// <summary>How many streams follow one another under this serial number.</summary>
    public int Links { get; private set; } = 1;

    public bool HasAudio { get; private set; }

    public void Page(OggFlags flags, long granule, ReadOnlySpan<byte> laces, ReadOnlySpan<byte> body)
    {
        if ((flags & OggFlags.Beginning) != 0 && packets > 0)
        {
            NextLink();
        }

        var continues = inPacket && (flags & OggFlags.Continued) != 0;
        for (var lace = 0; lace < laces.Length;)
        {
            var size = 0;
            var more = true;
            while (more && lace < laces.Length)
            {
                size += laces[lace];
                more = laces[lace++] == 255;
            }

            var piece = body[..size];
            Piece(piece, first: !continues, last: !more);
            body = body[piece.Length..];
            continues = false;
            inPacket = more;
        }

        Granule(flags, granule);
    }

    /// <summary>The length of all links; what encoder and muxer padded is taken off only where nothing else plays beside it.</summary>
    public TimeSpan Length(bool alone)
    {
        FinishFlac();
        if (alone && (codec is Codec.Opus or Codec.Vorbis))
        {
            var rate = vorbis?.SampleRate ?? OpusPacket.SampleRate;
            var span = granulesRise && firstStart >= 0 ? lastGranule - firstStart : samples;
            if (span > samples + rate)
            {
                time.Add(span - samples, rate);
            }
            else if (ended && span < samples && samples - span <= lastPacket && (codec == Codec.Opus || !onePage))
            {
                time.Trim(samples - span, rate);
            }

            time.Trim(preSkip, OpusPacket.SampleRate);
        }

        return time.Total + flacTime;
    }

    public void Dispose()
    {
        flac?.Dispose();
        ReleaseSetup();
    }

    private void Piece(ReadOnlySpan<byte> piece, bool first, bool last)
    {
        packets += first ? 1 : 0;
        if (packets == 1)
        {
            if (first)
            {
                Identify(piece);
            }

            return;
        }

        switch (codec)
        {
            case Codec.Opus when first && !(packets == 2 && piece.StartsWith("OpusTags"u8)):
                Count(OpusPacket.Samples(piece), OpusPacket.SampleRate);
                break;
            case Codec.Vorbis:
                if (packets <= 3)
                {
                    CollectSetup(piece, first, last);
                }

                if (first)
                {
                    Count(vorbis!.Samples(piece), vorbis.SampleRate);
                }

                break;
            case Codec.Flac:
                flac!.Feed(piece);
                break;
            default:
                break;
        }
    }

    /// <summary>The magic with which each mapping begins its first packet; Skeleton and Theora carry no sound.</summary>
    private void Identify(ReadOnlySpan<byte> packet)
    {
        if (packet.Length >= 19 && packet.StartsWith("OpusHead"u8))
        {
            codec = Codec.Opus;
            preSkip = packet[10] | packet[11] << 8;
        }
        else if (packet.StartsWith("\u0001vorbis"u8))
        {
            codec = Codec.Vorbis;
            vorbis = VorbisBlocks.Identify(packet);
        }
        else if (packet.Length >= 51 && packet.StartsWith("\u007FFLAC"u8) && packet[9..].StartsWith("fLaC"u8))
        {
            codec = Codec.Flac;
            flac = new FlacFrames(FlacReader.SampleRate(packet[17..]));
        }
        else if (packet.StartsWith("fishead\0"u8) || (packet.StartsWith([(byte)0x80]) && packet[1..].StartsWith("theora"u8)))
        {
            codec = Codec.NoAudio;
        }
        else
        {
            throw AudioFault.Unsupported("The Ogg file holds a codec other than Opus, Vorbis and FLAC.");
        }

        HasAudio |= codec != Codec.NoAudio;
    }

    private void Count(int packetSamples, int rate)
    {
        samples += packetSamples;
        lastPacket = packetSamples;
        time.Add(packetSamples, rate);
    }

    private void Granule(OggFlags flags, long granule)
    {
        ended = (flags & OggFlags.End) != 0;
        if (granule < 0 || samples == 0)
        {
            return;
        }

        granulesRise &= granule >= lastGranule;
        if (firstStart < 0)
        {
            // A stream cut out of a longer one starts at a high position; one that is shorter than its packets was trimmed, at either end.
            firstStart = Math.Max(0, granule - samples);
        }
        else
        {
            onePage = false;
        }

        lastGranule = granule;
    }

    /// <summary>The setup header is the third packet and may run over pages.</summary>
    private void CollectSetup(ReadOnlySpan<byte> piece, bool first, bool last)
    {
        if (first && VorbisBlocks.IsSetup(piece))
        {
            setup ??= ArrayPool<byte>.Shared.Rent(LargestSetup);
            setupBytes = 0;
        }

        if (setup is null)
        {
            return;
        }

        if (setupBytes + piece.Length > LargestSetup)
        {
            throw AudioFault.Unreadable("The Vorbis stream's setup header is too large.");
        }

        piece.CopyTo(setup.AsSpan(setupBytes));
        setupBytes += piece.Length;
        if (last)
        {
            vorbis!.Setup(setup.AsSpan(0, setupBytes));
            ReleaseSetup();
        }
    }

    private void NextLink()
    {
        FinishFlac();
        ReleaseSetup();
        Links++;
        codec = Codec.Unknown;
        vorbis = null;
        packets = 0;
        samples = 0;
        inPacket = false;
    }

    private void FinishFlac()
    {
        if (flac is not null)
        {
            flacTime += flac.End().Total;
            flac.Dispose();
            flac = null;
        }
    }

    private void ReleaseSetup()
    {
        if (setup is not null)
        {
            ArrayPool<byte>.Shared.Return(setup);
            setup = null;
        }
    }
}
