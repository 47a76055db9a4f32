namespace Sandbox.OpenAi.Audio;

/// <summary>
/// MP4 and M4A: the sound track's own samples (<c>stts</c>, or the runs of a fragmented file) over its time scale, cut as its
/// edit list says; the durations in the headers count only where there is no sample table.
/// </summary>
internal static class Mp4File
{
    private readonly record struct Box(long Body, long End)
    {
        public long Size => End - Body;
    }

    private sealed class Track
    {
        public uint Id { get; set; }
        public long Scale { get; set; }
        public long Claimed { get; set; }
        public long Samples { get; set; }
        public long Fragments { get; set; }
        public decimal Edited { get; set; }

        public decimal Seconds
        {
            get
            {
                var played = Samples + Fragments > 0 ? Samples + Fragments : Claimed;
                var whole = Scale > 0 ? played / (decimal)Scale : 0;
                return Edited > 0 && Fragments == 0 ? Math.Min(Edited, whole) : whole;
            }
        }
    }

    public static AudioFacts? Measure(FileWindow file)
    {
        if (!file.Has(4, "ftyp"u8))
        {
            return null;
        }

        var whole = new Box(0, file.Length);
        if (Child(file, whole, "moov"u8) is not { } movie)
        {
            return null;
        }

        long movieScale = Child(file, movie, "mvhd"u8) is { } header ? file.U32(header.Body + (file.Byte(header.Body) == 1 ? 20 : 12)) : 0;
        var sounds = new List<Track>();
        foreach (var track in Children(file, movie, "trak"u8))
        {
            if (Sound(file, track, movieScale) is { } sound)
            {
                sounds.Add(sound);
            }
        }

        if (sounds.Count == 0 || Cut(file, whole))
        {
            return null;
        }

        Fragments(file, whole, movie, sounds);
        return new AudioFacts("mp4", sounds.Max(sound => sound.Seconds));
    }

    // The sound itself runs beyond the end of the file: it was cut off on the way.
    private static bool Cut(FileWindow file, Box whole) => Children(file, whole, "mdat"u8).Exists(data => data.End > file.Length);

    private static Track? Sound(FileWindow file, Box box, long movieScale)
    {
        if (Child(file, box, "mdia"u8) is not { } media
            || Child(file, media, "hdlr"u8) is not { } handler || !file.Has(handler.Body + 8, "soun"u8)
            || Child(file, media, "mdhd"u8) is not { } header)
        {
            return null;
        }

        var wide = file.Byte(header.Body) == 1;
        var track = new Track
        {
            Scale = file.U32(header.Body + (wide ? 20 : 12)),
            Claimed = wide ? checked((long)file.U64(header.Body + 24)) : file.U32(header.Body + 16),
        };
        if (Child(file, box, "tkhd"u8) is { } trackHeader)
        {
            track.Id = file.U32(trackHeader.Body + (file.Byte(trackHeader.Body) == 1 ? 20 : 12));
        }

        if (Child(file, media, "minf"u8) is { } info && Child(file, info, "stbl"u8) is { } table && Child(file, table, "stts"u8) is { } times)
        {
            var count = Math.Min(file.U32(times.Body + 4), (times.Size - 8) / 8);
            for (long entry = 0; entry < count; entry++)
            {
                track.Samples = checked(track.Samples + (long)file.U32(times.Body + 8 + entry * 8) * file.U32(times.Body + 12 + entry * 8));
            }
        }

        if (movieScale > 0 && Child(file, box, "edts"u8) is { } edits && Child(file, edits, "elst"u8) is { } list)
        {
            track.Edited = Edited(file, list) / (decimal)movieScale;
        }

        return track;
    }

    private static long Edited(FileWindow file, Box list)
    {
        var wide = file.Byte(list.Body) == 1;
        var size = wide ? 20 : 12;
        var count = Math.Min(file.U32(list.Body + 4), (list.Size - 8) / size);
        long played = 0;
        for (long entry = 0; entry < count; entry++)
        {
            var at = list.Body + 8 + entry * size;
            var from = wide ? (long)file.U64(at + 8) : (int)file.U32(at + 4);
            // A start of -1 is silence before the track.
            played = from < 0 ? played : checked(played + (wide ? (long)file.U64(at) : file.U32(at)));
        }

        return played;
    }

    private static void Fragments(FileWindow file, Box whole, Box movie, List<Track> sounds)
    {
        var defaults = new Dictionary<uint, uint>();
        if (Child(file, movie, "mvex"u8) is { } extends)
        {
            foreach (var one in Children(file, extends, "trex"u8))
            {
                defaults[file.U32(one.Body + 4)] = file.U32(one.Body + 12);
            }
        }

        foreach (var fragment in Children(file, whole, "moof"u8))
        {
            foreach (var part in Children(file, fragment, "traf"u8))
            {
                if (Child(file, part, "tfhd"u8) is not { } header || sounds.Find(sound => sound.Id == file.U32(header.Body + 4)) is not { } sound)
                {
                    continue;
                }

                var flags = file.U32(header.Body) & 0xFF_FFFF;
                var at = header.Body + 8 + ((flags & 1) != 0 ? 8 : 0) + ((flags & 2) != 0 ? 4 : 0);
                var usual = (flags & 8) != 0 ? file.U32(at) : defaults.GetValueOrDefault(sound.Id);
                foreach (var run in Children(file, part, "trun"u8))
                {
                    sound.Fragments = checked(sound.Fragments + Run(file, run, usual));
                }
            }
        }
    }

    private static long Run(FileWindow file, Box run, uint usual)
    {
        var flags = file.U32(run.Body) & 0xFF_FFFF;
        long count = file.U32(run.Body + 4);
        if ((flags & 0x100) == 0)
        {
            return checked(count * usual);
        }

        var first = run.Body + 8 + ((flags & 1) != 0 ? 4 : 0) + ((flags & 4) != 0 ? 4 : 0);
        var size = 4 * System.Numerics.BitOperations.PopCount(flags & 0xF00);
        long sum = 0;
        for (long sample = 0; sample < count && first + (sample + 1) * size <= run.End; sample++)
        {
            sum += file.U32(first + sample * size);
        }

        return sum;
    }

    private static Box? Child(FileWindow file, Box parent, ReadOnlySpan<byte> name) =>
        Children(file, parent, name) is [var first, ..] ? first : null;

    private static List<Box> Children(FileWindow file, Box parent, ReadOnlySpan<byte> name)
    {
        var found = new List<Box>();
        var end = Math.Min(parent.End, file.Length);
        for (var at = parent.Body; at + 8 <= end;)
        {
            long size = file.U32(at);
            var head = 8;
            if (size == 1)
            {
                size = checked((long)file.U64(at + 8));
                head = 16;
            }
            else if (size == 0)
            {
                size = end - at;
            }

            if (size < head)
            {
                break;
            }

            if (file.Has(at + 4, name))
            {
                found.Add(new Box(at + head, checked(at + size)));
            }

            at = checked(at + size);
        }

        return found;
    }
}
