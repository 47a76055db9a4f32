namespace Ledgerline.Audio;

/// <summary>
/// Matroska and WebM (RFC 9559). A browser's recorder writes neither a duration nor the sizes of segment and clusters, so the blocks
/// are read: what their packets play counts. Time stamps and the header's duration can only raise that, and only by more than a second,
/// below which they are rounding. Where the structure breaks, the next cluster is searched for, as decoders do.
/// </summary>
internal static class MatroskaReader
{
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    private static ReadOnlySpan<byte> ClusterId => [0x1F, 0x43, 0xB6, 0x75];

    public static TimeSpan Read(ByteReader file)
    {
        var tracks = new MatroskaTracks();
        var info = new MatroskaInfo();
        long segmentEnd = long.MaxValue, clusterEnd = long.MaxValue, clusterTime = 0;
        while (file.Left > 0)
        {
            var at = file.Position;
            clusterEnd = at >= clusterEnd ? long.MaxValue : clusterEnd;
            segmentEnd = at >= segmentEnd ? long.MaxValue : segmentEnd;
            var parentEnd = Math.Min(clusterEnd, segmentEnd);
            if (!EbmlElement.TryRead(file, out var element))
            {
                (segmentEnd, clusterEnd) = (long.MaxValue, long.MaxValue);
                FindCluster(file, at + 1, file.Length);
                continue;
            }

            if (element.Id == Matroska.Segment)
            {
                segmentEnd = element.End;
                continue;
            }

            if (element.Id == Matroska.Cluster)
            {
                clusterEnd = element.End;
                clusterTime = 0;
                continue;
            }

            var whole = !element.IsUnknown && element.End <= parentEnd && element.End <= file.Length;
            switch (element.Id)
            {
                case Matroska.Ebml when whole:
                    CheckDocType(file, element);
                    break;
                case Matroska.Info when whole:
                    info.Read(file, element);
                    break;
                case Matroska.Tracks when whole:
                    tracks.Read(file, element);
                    break;
                case Matroska.Timestamp when whole:
                    clusterTime = checked((long)element.Unsigned(file));
                    break;
                case Matroska.SimpleBlock:
                    tracks.Block(file, element, clusterTime, discardedNanoseconds: 0);
                    break;
                case Matroska.BlockGroup:
                    Group(file, element, tracks, clusterTime);
                    break;
                default:
                    break;
            }

            file.Position = element.End;
            if (!whole)
            {
                // The element runs over its parent or over the end of the file: it is cut off, or it hides what a decoder would go on to find.
                (segmentEnd, clusterEnd) = (long.MaxValue, long.MaxValue);
                FindCluster(file, at + 1, element.End);
            }
        }

        return tracks.Longest(info, Rounding);
    }

    private static void CheckDocType(ByteReader file, EbmlElement header)
    {
        while (file.Position < header.End && EbmlElement.TryRead(file, out var child))
        {
            if (child.Id == Matroska.DocType)
            {
                var name = file.Peek((int)Math.Clamp(child.Size, 0, 16)).TrimEnd((byte)0);
                if (!name.SequenceEqual("webm"u8) && !name.SequenceEqual("matroska"u8))
                {
                    throw AudioFault.Unsupported("The EBML file is neither WebM nor Matroska.");
                }
            }

            file.Position = child.End;
        }
    }

    private static void Group(ByteReader file, EbmlElement group, MatroskaTracks tracks, long clusterTime)
    {
        // The padding stands behind the block it belongs to, so the group is read twice.
        var discarded = 0L;
        file.Position = group.Body;
        while (file.Position < group.End && EbmlElement.TryRead(file, out var child) && child.End <= group.End)
        {
            if (child.Id == Matroska.DiscardPadding && child.Size is > 0 and <= 8)
            {
                discarded = (long)child.Unsigned(file) << (int)(64 - 8 * child.Size) >> (int)(64 - 8 * child.Size);
            }

            file.Position = child.End;
        }

        file.Position = group.Body;
        while (file.Position < group.End && EbmlElement.TryRead(file, out var child) && child.End <= group.End)
        {
            if (child.Id == Matroska.Block)
            {
                tracks.Block(file, child, clusterTime, discarded);
            }

            file.Position = child.End;
        }
    }

    /// <summary>Moves to the next cluster that begins before <paramref name="end"/>, or to the end itself.</summary>
    private static void FindCluster(ByteReader file, long from, long end)
    {
        file.Position = from;
        while (file.Position < end && file.Ahead(4) is { Length: >= 4 } ahead)
        {
            var at = ahead.IndexOf(ClusterId);
            if (at >= 0)
            {
                file.Position = Math.Min(file.Position + at, end);
                return;
            }

            file.Position += ahead.Length - 3;
        }

        file.Position = Math.Max(from, Math.Min(end, file.Length));
    }
}
