using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// MP4 and M4A (ISO 14496-12), with a movie box or in fragments. Decoders take a box they know wherever it stands, so the tree is walked
/// without asking where a box belongs; a box that runs over the one around it makes the file unreadable.
/// </summary>
internal static class Mp4Reader
{
    private const int DeepestBox = 12;

    private enum Kind
    {
        Leaf,
        Container,

        /// <summary>Annotations end in odd ways: decoders cut off what is too long, and go on behind what makes no sense.</summary>
        Annotation,
    }

    public static bool Knows(ReadOnlySpan<byte> head, long bytes)
    {
        var size = BinaryPrimitives.ReadUInt32BigEndian(head);
        var type = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        return (size is 0 or 1 || (size >= 8 && size <= bytes))
            && type is Mp4.Ftyp or Mp4.Styp or Mp4.Moov or Mp4.Moof or Mp4.Mdat or Mp4.Free or Mp4.Skip or Mp4.Wide;
    }

    public static TimeSpan Read(ByteReader file)
    {
        var movie = new Mp4Movie(file);
        Span<(long End, Kind Kind)> open = stackalloc (long, Kind)[DeepestBox];
        open[0] = (file.Length, Kind.Annotation);
        for (var depth = 0; file.Left > 0;)
        {
            if (file.Position >= open[depth].End && depth > 0)
            {
                depth--;
                continue;
            }

            var (end, holder) = open[depth];
            if (Mp4Box.Read(file, end) is not { } box || (holder == Kind.Container && box.End > end))
            {
                file.Position = holder == Kind.Annotation
                    ? end
                    : throw AudioFault.Unreadable("A box of the MP4 file runs over the box that holds it.");
                continue;
            }

            if (box.Type == Mp4.Mdat && depth == 0 && box.End > file.Length)
            {
                throw AudioFault.CutOff("inside its samples");
            }

            box = depth > 0 && box.End > end ? box with { End = end } : box;
            var kind = KindOf(box.Type);
            if (kind != Kind.Leaf && box.End > file.Length)
            {
                throw AudioFault.CutOff(box.Type == Mp4.Moof ? "inside a fragment" : "inside its movie box");
            }

            movie.Box(box);
            file.Position = kind == Kind.Leaf ? box.End : box.Type == Mp4.Meta ? MetaChildren(file, box) : box.Body;
            if (kind != Kind.Leaf)
            {
                if (++depth == DeepestBox)
                {
                    throw AudioFault.Unreadable("The boxes of the MP4 file are nested too deeply.");
                }

                open[depth] = (box.End, kind);
            }
        }

        return movie.Length();
    }

    private static Kind KindOf(uint type) => type switch
    {
        Mp4.Moov or Mp4.Trak or Mp4.Mdia or Mp4.Minf or Mp4.Stbl or Mp4.Edts or Mp4.Mvex or Mp4.Moof or Mp4.Traf => Kind.Container,
        Mp4.Udta or Mp4.Meta or Mp4.Ilst or Mp4.Dinf or Mp4.Gmhd or Mp4.Tapt or Mp4.Clip or Mp4.Sinf or Mp4.Schi => Kind.Annotation,
        _ => Kind.Leaf,
    };

    /// <summary>A meta box may or may not have four bytes of version and flags; its first child is the handler.</summary>
    private static long MetaChildren(ByteReader file, Mp4Box meta)
    {
        file.Position = meta.Body;
        var at = file.Peek((int)Math.Min(64, meta.End - meta.Body)).IndexOf("hdlr"u8);
        return at < 4 ? meta.End : meta.Body + at - 4;
    }
}
