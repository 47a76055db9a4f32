using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>What the boxes of an MP4 file say, gathered while the tree is walked; the samples of fragments are counted on the way, those of tables at the end.</summary>
internal sealed class Mp4Movie(ByteReader file)
{
    private const int MostTracks = 64;

    private readonly List<Mp4Track> tracks = [];
    private readonly Mp4Fragment fragment = new();
    private bool hasMovie;

    private Mp4Track Current => tracks.Count > 0
        ? tracks[^1]
        : throw AudioFault.Unreadable("The MP4 file has a table that belongs to no track.");

    public void Box(Mp4Box box)
    {
        switch (box.Type)
        {
            case Mp4.Moov:
                hasMovie = !hasMovie ? true : throw AudioFault.Unreadable("The MP4 file has two movie boxes.");
                break;
            case Mp4.Free or Mp4.Hoov when HidesMovie(box):
                throw AudioFault.Unreadable("The MP4 file hides a movie box in free space.");
            case Mp4.Esds or Mp4.DOps or Mp4.Alac or Mp4.Glbl or Mp4.DfLa or Mp4.Wave:
                throw AudioFault.Unreadable("The MP4 file sets up a codec where decoders look, but none should.");
            case Mp4.Cmov:
                throw AudioFault.Unsupported("The MP4 file's movie box is compressed.");
            case Mp4.Trak:
                tracks.Add(tracks.Count < MostTracks ? new Mp4Track() : throw AudioFault.Unreadable("The MP4 file has more tracks than any recording."));
                break;
            case Mp4.Tkhd:
                Current.Id = Field(box, box.Version(file) == 1 ? 20 : 12);
                break;
            case Mp4.Mdhd:
                MediaHeader(box);
                break;
            case Mp4.Hdlr when tracks.Count > 0 && box.End - box.Body >= 12:
                Current.Handle(Field(box, 8));
                break;
            case Mp4.Elst:
                Current.Edits.Read(file, box);
                break;
            case Mp4.Stsd:
                Current.Describe(Mp4SampleEntry.Read(file, box));
                break;
            case Mp4.Stz2:
                throw AudioFault.Unsupported("The MP4 file has a compact table of sample sizes.");
            case Mp4.Stts or Mp4.Stsc or Mp4.Stsz or Mp4.Stco or Mp4.Co64:
                Current.Tables.Add(file, box);
                break;
            case Mp4.Trex:
                if (Track(Field(box, 4)) is { } extended)
                {
                    (extended.DefaultDuration, extended.DefaultSize) = (Field(box, 12), Field(box, 16));
                }

                break;
            case Mp4.Moof:
                fragment.Begin(box);
                break;
            case Mp4.Traf:
                fragment.BeginTrack();
                break;
            case Mp4.Tfhd:
                fragment.Header(file, box, Track(Field(box, 4)));
                break;
            case Mp4.Trun:
                fragment.Run(file, box);
                break;
            default:
                break;
        }
    }

    public TimeSpan Length()
    {
        if (!hasMovie)
        {
            throw AudioFault.Unreadable("The MP4 file has no movie box: it is cut off.");
        }

        var longest = TimeSpan.Zero;
        var any = false;
        foreach (var track in tracks)
        {
            if (track.IsAudio)
            {
                any = true;
                track.Tables.Walk(file, track);
                var length = track.Length();
                longest = length > longest ? length : longest;
            }
        }

        return any ? longest : throw AudioFault.Unreadable("The MP4 file has no audio track.");
    }

    private Mp4Track? Track(uint id)
    {
        Mp4Track? found = null;
        foreach (var track in tracks)
        {
            if (track.Id == id)
            {
                found = found is null ? track : throw AudioFault.Unreadable("Two tracks of the MP4 file have one number.");
            }
        }

        return found;
    }

    /// <summary>Version 1 has 64-bit times, version 0 has 32-bit ones; the duration is all ones where it is not known.</summary>
    private void MediaHeader(Mp4Box box)
    {
        var wide = box.Version(file) == 1;
        Current.TimeScale = Field(box, wide ? 20 : 12);
        var duration = wide ? (ulong)Field(box, 24) << 32 | Field(box, 28) : Field(box, 16);
        Current.Duration = duration == (wide ? ulong.MaxValue : uint.MaxValue) ? 0 : checked((long)duration);
    }

    private bool HidesMovie(Mp4Box box)
    {
        file.Position = box.Body;
        var first = file.Peek(8);
        return first.Length == 8 && BinaryPrimitives.ReadUInt32BigEndian(first[4..]) is Mp4.Mvhd or Mp4.Cmov;
    }

    private uint Field(Mp4Box box, int offset) => box.Field(file, offset);
}
