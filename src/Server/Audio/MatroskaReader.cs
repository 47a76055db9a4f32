namespace Ledgerline.Audio;

/// <summary>
/// Matroska and WebM (RFC 9559). A browser's recorder writes neither a duration nor the sizes of segment and clusters, so the blocks
/// are read: what their packets play counts. Time stamps and the header's duration can only raise that, and only by more than a second,
/// below which they are rounding. Where the structure breaks, the next cluster is searched for, as decoders do; an element that says it is
/// longer than the file is cut off.
/// </summary>
internal static class MatroskaReader
{
    private static readonly TimeSpan Rounding = TimeSpan.FromSeconds(1);

    private static ReadOnlySpan<byte> ClusterId => [0x1F, 0x43, 0xB6, 0x75];

    private static ReadOnlySpan<byte> SeekId => [0x53, 0xAB, 0x84];

    public static TimeSpan Read(ByteReader file)
    {
        var tracks = new MatroskaTracks();
        var info = new MatroskaInfo();
        long segmentEnd = long.MaxValue, clusterEnd = long.MaxValue, clusterTime = 0;
        bool inSegment = false, inCluster = false;
        while (file.Left > 0)
        {
            var at = file.Position;
            inCluster &= at < clusterEnd;
            inSegment &= at < segmentEnd;
            segmentEnd = at >= segmentEnd ? long.MaxValue : segmentEnd;
            if (!EbmlElement.TryRead(file, out var element))
            {
                if (inSegment && EbmlElement.IsCutOff(file))
                {
                    throw AudioFault.CutOff("inside an element");
                }

                (inCluster, segmentEnd) = (false, long.MaxValue);
                FindCluster(file, at + 1, file.Length);
                continue;
            }

            if (!element.IsUnknown && element.End > file.Length && Matroska.IsStructure(element.Id))
            {
                throw AudioFault.CutOff("inside an element");
            }

            if (element.Id == Matroska.Segment)
            {
                (inSegment, inCluster, segmentEnd) = (true, false, element.End);
                continue;
            }

            if (element.Id == Matroska.Cluster)
            {
                (inCluster, clusterEnd, clusterTime) = (true, element.End, 0);
                continue;
            }

            var end = element.End;
            var fits = end <= Math.Min(segmentEnd, inCluster ? clusterEnd : long.MaxValue) && end <= file.Length;
            var known = inCluster && Matroska.IsClusterChild(element.Id);
            inCluster &= !Matroska.IsSegmentChild(element.Id);

            switch (element.Id)
            {
                case Matroska.Ebml when fits:
                    CheckDocType(file, element);
                    break;
                case Matroska.Info when fits:
                    info.Read(file, element);
                    break;
                case Matroska.Tracks when fits:
                    tracks.Read(file, element);
                    break;
                case Matroska.Timestamp when fits:
                    clusterTime = checked((long)element.Unsigned(file));
                    break;
                case Matroska.SimpleBlock:
                    tracks.Block(file, element, clusterTime, discardedNanoseconds: 0);
                    break;
                case Matroska.BlockGroup:
                    known &= Group(file, element, tracks, clusterTime);
                    break;
                default:
                    break;
            }

            file.Position = end;
            if (!fits)
            {
                (inCluster, segmentEnd) = (false, long.MaxValue);
            }

            if (!fits || !known)
            {
                // Cut off, broken, or not a part of a cluster: where decoders stumble over its inside, they search it for the next cluster.
                FindCluster(file, at + 1, end);
            }
        }

        return tracks.Longest(info, Rounding);
    }

    private static void CheckDocType(ByteReader file, EbmlElement header)
    {
        while (header.TryChild(file, out var child))
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

    private static bool Group(ByteReader file, EbmlElement group, MatroskaTracks tracks, long clusterTime)
    {
        // The padding stands behind the block it belongs to, so the group is read twice.
        var discarded = 0L;
        file.Position = group.Body;
        while (group.TryChild(file, out var child))
        {
            if (child.Id == Matroska.DiscardPadding && child.Size is > 0 and <= 8)
            {
                discarded = (long)child.Unsigned(file) << (int)(64 - 8 * child.Size) >> (int)(64 - 8 * child.Size);
            }

            file.Position = child.End;
        }

        file.Position = group.Body;
        while (group.TryChild(file, out var child))
        {
            if (child.Id == Matroska.Block)
            {
                tracks.Block(file, child, clusterTime, discarded);
            }

            file.Position = child.End;
        }

        return file.Position == group.End;
    }

    /// <summary>Moves to the next cluster that begins before <paramref name="end"/>, or to the end itself; a seek head may name clusters, too.</summary>
    private static void FindCluster(ByteReader file, long from, long end)
    {
        file.Position = from;
        var limit = Math.Max(from, Math.Min(end, file.Length));
        while (file.Position < limit && file.Ahead(4) is { Length: >= 4 } ahead)
        {
            var at = ahead.IndexOf(ClusterId);
            if (at < 0)
            {
                file.Position += ahead.Length - 3;
            }
            else if (at >= SeekId.Length && ahead[(at - SeekId.Length)..].StartsWith(SeekId))
            {
                file.Position += at + 1;
            }
            else
            {
                file.Position = Math.Min(file.Position + at, limit);
                return;
            }
        }

        file.Position = limit;
    }
}
