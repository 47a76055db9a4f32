using System.Numerics;

namespace Sandbox.OpenAi.Audio;

/// <summary>
/// WebM and Matroska: the blocks of the first sound track, from the first one's time to the end of the last. A browser's
/// recording has no duration in its header, so that is not asked.
/// </summary>
internal static class WebmFile
{
    private const ulong Ebml = 0x1A45DFA3, Segment = 0x18538067, Info = 0x1549A966, TimeScale = 0x2AD7B1, Tracks = 0x1654AE6B, TrackEntry = 0xAE,
        TrackNumber = 0xD7, TrackType = 0x83, Codec = 0x86, DefaultDuration = 0x23E383, CodecDelay = 0x56AA, Cluster = 0x1F43B675, ClusterTime = 0xE7,
        BlockGroup = 0xA0, Block = 0xA1, SimpleBlock = 0xA3, BlockDuration = 0x9B,
        DiscardPadding = 0x75A2;

    private readonly record struct Element(ulong Id, long Body, long End);

    private sealed class Sound
    {
        public long Scale { get; set; } = 1_000_000;
        public ulong Track { get; set; }
        public bool Opus { get; set; }
        public long FrameNanoseconds { get; set; }
        public long SilentNanoseconds { get; set; }
        public long? First { get; set; }
        public long Last { get; set; }
        public long LastGap { get; set; }
        public long PacketNanoseconds { get; set; }
        public long End { get; set; }
    }

    public static AudioFacts? Measure(FileWindow file)
    {
        if (file.U32(0) != Ebml)
        {
            return null;
        }

        var sound = new Sound();
        Walk(file, sound);
        if (sound.Track == 0 || sound.First is not { } first)
        {
            return null;
        }

        // Without packet lengths the last block is taken to last as long as the one before it.
        var end = sound.PacketNanoseconds > 0 ? sound.End : sound.Last + sound.LastGap;
        var played = Math.Max(end - first, sound.PacketNanoseconds) - sound.SilentNanoseconds;
        return new AudioFacts("webm", Math.Max(0, played) / 1_000_000_000m);
    }

    /// <summary>
    /// Goes through the file in one flat walk, stepping into the parts that hold others: a live recording leaves their sizes open,
    /// and nothing that a file nests can then nest here.
    /// </summary>
    private static void Walk(FileWindow file, Sound sound)
    {
        long clusterTime = 0;
        for (long at = 0; at < file.Length && Read(file, at) is { } element;)
        {
            at = element.End;
            switch (element.Id)
            {
                case Segment or Info or Tracks or BlockGroup or Cluster:
                    at = element.Body;
                    break;
                case TimeScale:
                    sound.Scale = Number(file, element);
                    break;
                case TrackEntry when sound.Track == 0:
                    Entry(file, element, sound);
                    break;
                case ClusterTime:
                    clusterTime = Number(file, element);
                    break;
                case SimpleBlock or Block:
                    Take(file, element, sound, clusterTime);
                    break;
                case BlockDuration when !sound.Opus && sound.First is not null:
                    sound.LastGap = checked(Number(file, element) * sound.Scale);
                    break;
                case DiscardPadding:
                    // Silence that fills the last packet; a negative number asks for something else.
                    sound.SilentNanoseconds = checked(sound.SilentNanoseconds + Math.Max(0, Signed(file, element)));
                    break;
            }
        }
    }

    private static void Entry(FileWindow file, Element entry, Sound sound)
    {
        ulong number = 0;
        long type = 0, frame = 0, delay = 0;
        var opus = false;
        for (var at = entry.Body; at < entry.End && Read(file, at) is { } element; at = element.End)
        {
            switch (element.Id)
            {
                case TrackNumber:
                    number = (ulong)Number(file, element);
                    break;
                case TrackType:
                    type = Number(file, element);
                    break;
                case Codec:
                    opus = file.Has(element.Body, "A_OPUS"u8);
                    break;
                case DefaultDuration:
                    frame = Number(file, element);
                    break;
                case CodecDelay:
                    delay = Number(file, element);
                    break;
            }
        }

        if (type == 2)
        {
            (sound.Track, sound.Opus, sound.FrameNanoseconds, sound.SilentNanoseconds) = (number, opus, frame, delay);
        }
    }

    private static void Take(FileWindow file, Element block, Sound sound, long clusterTime)
    {
        if (sound.Track == 0 || block.End > file.Length || Varint(file, block.Body, keepMark: false) is not var (track, width) || track != sound.Track)
        {
            return;
        }

        var head = block.Body + width;
        var time = checked((clusterTime + (short)file.U16(head)) * sound.Scale);
        var laced = (file.Byte(head + 2) & 0x06) != 0;
        var frames = laced ? file.Byte(head + 3) + 1 : 1;
        var packet = sound.Opus ? OpusNanoseconds(file, head, laced, frames) : sound.FrameNanoseconds * frames;
        if (sound.First is not null && time > sound.Last)
        {
            sound.LastGap = time - sound.Last;
        }

        sound.First = Math.Min(sound.First ?? time, time);
        sound.Last = Math.Max(sound.Last, time);
        sound.PacketNanoseconds = checked(sound.PacketNanoseconds + packet);
        sound.End = Math.Max(sound.End, checked(time + packet));
    }

    private static long OpusNanoseconds(FileWindow file, long head, bool laced, int frames)
    {
        // The packets of a lace come from one encoder and are of one length; the first stands after the sizes.
        var lacing = file.Byte(head + 2) & 0x06;
        var first = head + 3;
        if (laced)
        {
            first += 1;
            for (var size = 0; size < frames - 1 && lacing != 0x04; size++)
            {
                if (lacing == 0x02)
                {
                    while (file.Byte(first++) == 255)
                    {
                    }
                }
                else
                {
                    first += Varint(file, first, keepMark: false)?.Width ?? 1;
                }
            }
        }

        return OpusPacket.Samples(file.At(first, 2)) * 1_000_000_000L / 48_000 * frames;
    }

    private static Element? Read(FileWindow file, long at)
    {
        if (Varint(file, at, keepMark: true) is not var (id, idWidth) || Varint(file, at + idWidth, keepMark: false) is not var (size, sizeWidth))
        {
            return null;
        }

        var body = at + idWidth + sizeWidth;
        var unknown = size == (1UL << (7 * sizeWidth)) - 1;
        return new Element(id, body, unknown ? file.Length : checked(body + (long)size));
    }

    private static (ulong Value, int Width)? Varint(FileWindow file, long at, bool keepMark)
    {
        var bytes = file.At(at, 8);
        if (bytes.Length == 0 || bytes[0] == 0)
        {
            return null;
        }

        var width = BitOperations.LeadingZeroCount((uint)bytes[0]) - 23;
        if (bytes.Length < width)
        {
            return null;
        }

        ulong value = keepMark ? bytes[0] : bytes[0] & (uint)(0xFF >> width);
        for (var more = 1; more < width; more++)
        {
            value = value << 8 | bytes[more];
        }

        return (value, width);
    }

    private static long Signed(FileWindow file, Element element)
    {
        var unused = 64 - 8 * (int)Math.Clamp(element.End - element.Body, 1, 8);
        return unchecked((long)((ulong)Number(file, element) << unused)) >> unused;
    }

    private static long Number(FileWindow file, Element element)
    {
        var bytes = file.At(element.Body, (int)Math.Min(8, element.End - element.Body));
        ulong value = 0;
        foreach (var one in bytes)
        {
            value = value << 8 | one;
        }

        return checked((long)value);
    }
}
