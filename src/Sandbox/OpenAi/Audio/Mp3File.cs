namespace Sandbox.OpenAi.Audio;

/// <summary>
/// MPEG audio, layers I to III: counts the frames one by one. Two frames in a row are needed, text alone never has them. What
/// an encoder's tag says of silence put before and after is taken off, as a player does.
/// </summary>
internal static class Mp3File
{
    private static readonly int[] Rates = [44_100, 48_000, 32_000];

    private static readonly int[][] Kilobits =
    [
        [0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
        [0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];

    private readonly record struct Frame(int Version, int Layer, int Rate, int Length, int Samples, int SideInfo)
    {
        public bool SameStream(Frame other) => Version == other.Version && Layer == other.Layer && Rate == other.Rate;
    }

    public static AudioFacts? Measure(FileWindow file)
    {
        var at = AfterTags(file);
        if (First(file, at) is not { } start)
        {
            return null;
        }

        var (place, first) = start;
        long samples = 0;
        long silence = 0;
        if (Tag(file, place, first) is { } padding)
        {
            silence = padding;
            place += first.Length;
        }

        while (place + 4 <= file.Length)
        {
            if (Read(file, place) is { } frame && frame.SameStream(first))
            {
                if (place + frame.Length > file.Length)
                {
                    break;
                }

                samples += frame.Samples;
                place += frame.Length;
            }
            else
            {
                // Junk between frames: go on where two frames of this stream follow each other.
                place++;
                while (place + 4 <= file.Length && !(Pair(file, place) is { } again && again.SameStream(first)))
                {
                    place++;
                }
            }
        }

        return new AudioFacts("mp3", Math.Max(0, samples - silence) / (decimal)first.Rate);
    }

    private static long AfterTags(FileWindow file)
    {
        long at = 0;
        while (file.Has(at, "ID3"u8))
        {
            var size = file.At(at + 6, 4);
            if (size.Length < 4)
            {
                break;
            }

            long length = (size[0] & 0x7F) << 21 | (size[1] & 0x7F) << 14 | (size[2] & 0x7F) << 7 | (size[3] & 0x7F);
            var footer = (file.Byte(at + 5) & 0x10) != 0;
            at += 10 + length + (footer ? 10 : 0);
        }

        return at;
    }

    private static (long Place, Frame Frame)? First(FileWindow file, long from)
    {
        // A stream may begin in the middle of a frame, but not far from its beginning.
        for (var at = from; at < Math.Min(file.Length - 4, from + 16 * 1024); at++)
        {
            if (Pair(file, at) is { } frame)
            {
                return (at, frame);
            }
        }

        return null;
    }

    private static Frame? Pair(FileWindow file, long at) =>
        Read(file, at) is { } frame && Read(file, at + frame.Length) is { } next && next.SameStream(frame) ? frame : null;

    private static Frame? Read(FileWindow file, long at)
    {
        var header = file.U32(at);
        var version = (int)(header >> 19 & 3);
        var layer = 4 - (int)(header >> 17 & 3);
        var bitrate = (int)(header >> 12 & 15);
        var rate = (int)(header >> 10 & 3);
        if (header >> 21 != 0x7FF || version == 1 || layer == 4 || bitrate is 0 or 15 || rate == 3)
        {
            return null;
        }

        var full = version == 3;
        var hertz = Rates[rate] >> (full ? 0 : version == 2 ? 1 : 2);
        var kilobits = Kilobits[full ? layer - 1 : layer == 1 ? 3 : 4][bitrate];
        var pad = (int)(header >> 9 & 1);
        var mono = (header >> 6 & 3) == 3;
        var samples = layer == 1 ? 384 : layer == 3 && !full ? 576 : 1152;
        var length = layer == 1 ? (12_000 * kilobits / hertz + pad) * 4 : samples / 8 * 1000 * kilobits / hertz + pad;
        var side = layer != 3 ? 0 : full ? mono ? 17 : 32 : mono ? 9 : 17;
        return new Frame(version, layer, hertz, length, samples, side);
    }

    /// <summary>The silence an encoder's tag tells of, in samples; nothing when the first frame is sound and no tag.</summary>
    private static long? Tag(FileWindow file, long place, Frame frame)
    {
        if (frame.Layer != 3)
        {
            return null;
        }

        if (file.Has(place + 36, "VBRI"u8))
        {
            return 0;
        }

        var at = place + 4 + frame.SideInfo;
        if (!file.Has(at, "Xing"u8) && !file.Has(at, "Info"u8))
        {
            return null;
        }

        var flags = file.U32(at + 4);
        at += 8 + ((flags & 1) != 0 ? 4 : 0) + ((flags & 2) != 0 ? 4 : 0) + ((flags & 4) != 0 ? 100 : 0) + ((flags & 8) != 0 ? 4 : 0);
        if (!file.Has(at, "LAME"u8) && !file.Has(at, "Lavc"u8) && !file.Has(at, "Lavf"u8))
        {
            return 0;
        }

        var gaps = file.At(at + 21, 3);
        return gaps.Length == 3 ? (gaps[0] << 4 | gaps[1] >> 4) + ((gaps[1] & 15) << 8 | gaps[2]) : 0;
    }
}
