namespace Ledgerline.Audio;

/// <summary>The tracks of a Matroska file and the blocks that belong to them.</summary>
internal sealed class MatroskaTracks
{
    private const int MostTracks = 64;
    private const int MostLaces = 256;
    private const int XiphLacing = 1;
    private const int FixedLacing = 2;

    private readonly Dictionary<long, MatroskaTrack> tracks = [];
    private bool anyBlock;

    public void Read(ByteReader file, EbmlElement element)
    {
        file.Position = element.Body;
        while (element.TryChild(file, out var child))
        {
            if (child.Id == Matroska.TrackEntry)
            {
                Add(MatroskaTrack.Read(file, child));
            }

            file.Position = child.End;
        }
    }

    /// <summary>Counts the packets of a block: track number, a 16-bit time stamp relative to the cluster, flags, and the sizes of laced frames.</summary>
    public void Block(ByteReader file, EbmlElement block, long clusterTime, long discardedNanoseconds)
    {
        anyBlock = true;
        file.Position = block.Body;
        var end = Math.Min(block.End, file.Length);
        var head = file.Peek((int)Math.Min(12, end - block.Body));
        if (!EbmlElement.TryNumber(head, out var number, out var length) || head.Length < length + 3)
        {
            return;
        }

        if (!tracks.TryGetValue(number, out var track))
        {
            // Decoders also find tracks through an index at places where nothing may stand.
            throw AudioFault.Unreadable("The WebM file has a block of a track that it does not describe.");
        }

        if (!track.IsAudio)
        {
            return;
        }

        var time = clusterTime + (short)(head[length] << 8 | head[length + 1]);
        var lacing = head[length + 2] >> 1 & 3;
        var at = block.Body + length + 3;
        track.BeginBlock(time);
        if (lacing == 0)
        {
            track.Frame(file, at, end - at);
        }
        else
        {
            file.Position = at;
            LacedFrames(file, end, lacing, track);
        }

        track.EndBlock(discardedNanoseconds);
    }

    /// <summary>The longest audio track; a duration in the header speaks for it only where there is no picture that may last longer.</summary>
    public TimeSpan Longest(MatroskaInfo info, TimeSpan rounding)
    {
        var longest = TimeSpan.Zero;
        foreach (var track in tracks.Values.Where(track => track.IsAudio))
        {
            var played = track.Length;
            var shown = track.Timeline(info);
            played = shown > played + rounding ? shown : played;
            longest = played > longest ? played : longest;
        }

        return longest > TimeSpan.Zero && tracks.Values.All(track => track.IsAudio) && info.Duration > longest + rounding
            ? info.Duration
            : longest;
    }

    private void Add(MatroskaTrack track)
    {
        if (tracks.TryGetValue(track.Number, out var known))
        {
            // Joined files describe their tracks again.
            if (known.Description != track.Description)
            {
                throw AudioFault.Unreadable("The WebM file describes one track in two ways.");
            }

            return;
        }

        if (anyBlock || tracks.Count == MostTracks)
        {
            throw AudioFault.Unreadable("The WebM file describes a track where none can be.");
        }

        tracks.Add(track.Number, track);
    }

    private static void LacedFrames(ByteReader file, long end, int lacing, MatroskaTrack track)
    {
        Span<long> sizes = stackalloc long[MostLaces];
        var frames = Laces(file, end, lacing, sizes);
        sizes[frames - 1] = lacing == FixedLacing ? sizes[0] : long.MaxValue;
        var at = file.Position;
        foreach (var size in sizes[..frames])
        {
            var frameEnd = size > end - at ? end : at + size;
            track.Frame(file, at, frameEnd - at);
            at = frameEnd;
        }
    }

    /// <summary>Xiph lacing writes sizes in bytes of 255, EBML lacing the first size and then signed differences, fixed lacing none; the last frame has the rest.</summary>
    private static int Laces(ByteReader file, long end, int lacing, Span<long> sizes)
    {
        var frames = Byte(file, end) + 1;
        if (lacing == FixedLacing)
        {
            sizes[..frames].Fill((end - file.Position) / frames);
            return frames;
        }

        for (var i = 0; i < frames - 1; i++)
        {
            if (lacing == XiphLacing)
            {
                sizes[i] = 0;
                for (var more = true; more;)
                {
                    var part = Byte(file, end);
                    sizes[i] += part;
                    more = part == 255;
                }

                continue;
            }

            if (!EbmlElement.TryNumber(file.Peek((int)Math.Min(8, end - file.Position)), out var value, out var length))
            {
                throw Broken();
            }

            file.Position += length;
            sizes[i] = i == 0 ? value : sizes[i - 1] + value - ((1L << (7 * length - 1)) - 1);
            if (sizes[i] < 0)
            {
                throw Broken();
            }
        }

        return frames;
    }

    private static int Byte(ByteReader file, long end)
    {
        if (file.Position >= end)
        {
            throw Broken();
        }

        return file.Take(1)[0];
    }

    private static AudioFault Broken() => AudioFault.Unreadable("The WebM file packs the frames of a block in an impossible way.");
}
