namespace Sandbox.OpenAi.Audio;

/// <summary>Ogg with Opus or Vorbis: the last granule of each stream less where it began. Streams that follow each other add up.</summary>
internal static class OggFile
{
    private sealed class Stream(bool opus, long rate, long skip)
    {
        public bool Opus { get; } = opus;
        public long Rate { get; } = rate;
        public long Skip { get; } = skip;
        public long? Start { get; set; }
        public long Last { get; set; }
        public long Unfinished { get; set; }

        public decimal Seconds => Math.Max(0, Last - (Start ?? 0) - Skip) / (decimal)Rate;
    }

    public static AudioFacts? Measure(FileWindow file)
    {
        if (!file.Has(0, "OggS"u8))
        {
            return null;
        }

        var streams = new Dictionary<uint, Stream>();
        decimal seconds = 0;
        var found = false;
        var headersOnly = true;
        for (long at = 0; at + 27 <= file.Length;)
        {
            if (!file.Has(at, "OggS"u8))
            {
                at++;
                continue;
            }

            int laces = file.Byte(at + 26);
            var body = at + 27 + laces;
            long size = 0;
            foreach (var lace in file.At(at + 27, laces))
            {
                size += lace;
            }

            if (body + size > file.Length)
            {
                break;
            }

            var serial = file.U32(at + 14, little: true);
            if ((file.Byte(at + 5) & 2) != 0)
            {
                // A new stream after sound is the next link of a chain; before it, it plays at the same time.
                if (!headersOnly)
                {
                    seconds += Longest(streams);
                    streams.Clear();
                    headersOnly = true;
                }

                if (Begin(file, body) is { } begun)
                {
                    streams[serial] = begun;
                    found = true;
                }
            }
            else if (streams.TryGetValue(serial, out var stream) && Page(file, stream, at, laces, body))
            {
                headersOnly = false;
            }

            at = body + size;
        }

        return found ? new AudioFacts("ogg", seconds + Longest(streams)) : null;
    }

    private static decimal Longest(Dictionary<uint, Stream> streams) => streams.Values.Select(stream => stream.Seconds).DefaultIfEmpty(0).Max();

    private static Stream? Begin(FileWindow file, long body)
    {
        if (file.Has(body, "OpusHead"u8))
        {
            return new Stream(opus: true, 48_000, file.U16(body + 10, little: true));
        }

        var rate = file.U32(body + 12, little: true);
        return file.Has(body, "\u0001vorbis"u8) && rate > 0 ? new Stream(opus: false, rate, 0) : null;
    }

    /// <summary>Takes a page's granule; true once the stream plays.</summary>
    private static bool Page(FileWindow file, Stream stream, long at, int laces, long body)
    {
        var granule = (long)file.U64(at + 6, little: true);
        if (stream.Opus && stream.Start is null)
        {
            stream.Unfinished += OpusSamples(file, at + 27, laces, body, continued: (file.Byte(at + 5) & 1) != 0);
        }

        if (granule <= 0)
        {
            return false;
        }

        // A recording that was cut out of a longer one does not begin at zero. A last page may say less than it holds.
        var ends = (file.Byte(at + 5) & 4) != 0;
        stream.Start ??= stream.Opus && !ends ? Math.Max(0, granule - stream.Unfinished) : 0;
        stream.Last = Math.Max(stream.Last, granule);
        return true;
    }

    private static long OpusSamples(FileWindow file, long table, int laces, long body, bool continued)
    {
        long samples = 0;
        var packet = body;
        var fresh = !continued;
        var place = body;
        for (var lace = 0; lace < laces; lace++)
        {
            int size = file.Byte(table + lace);
            place += size;
            if (size == 255)
            {
                continue;
            }

            if (fresh && !file.Has(packet, "OpusTags"u8))
            {
                samples += OpusPacket.Samples(file.At(packet, 2));
            }

            fresh = true;
            packet = place;
        }

        return samples;
    }
}
