namespace Ledgerline.Audio;

/// <summary>
/// The tables that place the samples of a track (ISO 14496-12 §8.6, §8.7): durations in runs (stts), samples per chunk in runs (stsc), a
/// size each (stsz), and an offset for every chunk (stco, co64).
/// </summary>
internal sealed class Mp4Tables
{
    private Place? durations;
    private Place? chunkRuns;
    private Place? sizes;
    private Place? chunks;
    private uint uniformSize;

    private readonly record struct Place(long Start, uint Count, int EntryBytes)
    {
        public Mp4Table Open(ByteReader file) => new(file, Start, Count, EntryBytes);
    }

    public void Add(ByteReader file, Mp4Box box)
    {
        switch (box.Type)
        {
            case Mp4.Stts:
                Set(ref durations, file, box, 8, 8);
                break;
            case Mp4.Stsc:
                Set(ref chunkRuns, file, box, 8, 12);
                break;
            case Mp4.Stsz:
                uniformSize = box.Field(file, 4);
                Set(ref sizes, file, box, 12, uniformSize == 0 ? 4 : 0);
                break;
            default:
                Set(ref chunks, file, box, 8, box.Type == Mp4.Co64 ? 8 : 4);
                break;
        }
    }

    /// <summary>Hands every sample to the track, in the order of the chunks.</summary>
    public void Walk(ByteReader file, Mp4Track track)
    {
        if (durations is not { } stts || chunkRuns is not { } stsc || sizes is not { } stsz || chunks is not { } stco)
        {
            return;
        }

        using var durationRuns = stts.Open(file);
        using var runs = stsc.Open(file);
        using var sampleSizes = stsz.Open(file);
        using var offsets = stco.Open(file);
        uint duration = 0, alike = 0, perChunk = 0, nextFirst = 0, nextPerChunk = 0;
        var samplesLeft = stsz.Count;
        var wide = stco.EntryBytes == 8;
        ReadRun(runs, ref nextFirst, ref nextPerChunk);
        for (uint chunk = 1; samplesLeft > 0 && offsets.TryNext(out var place); chunk++)
        {
            if (nextFirst == chunk)
            {
                perChunk = nextPerChunk;
                ReadRun(runs, ref nextFirst, ref nextPerChunk);
            }

            var offset = wide ? checked((long)place.Wide(0)) : place.Word(0);
            for (var i = 0u; i < perChunk && samplesLeft > 0; i++, samplesLeft--)
            {
                if (uniformSize > 0 && offset >= file.Length)
                {
                    throw Mp4Track.Missing();
                }

                while (alike == 0 && durationRuns.TryNext(out var run))
                {
                    (alike, duration) = (run.Word(0), run.Word(4));
                }

                if (alike > 0)
                {
                    alike--;
                }
                else
                {
                    duration = 0;
                }

                var size = uniformSize;
                if (size == 0 && sampleSizes.TryNext(out var own))
                {
                    size = own.Word(0);
                }

                track.Sample(file, offset, size, duration);
                offset = checked(offset + size);
            }
        }
    }

    private static void ReadRun(Mp4Table runs, ref uint first, ref uint perChunk)
    {
        var before = first;
        first = 0;
        if (runs.TryNext(out var run))
        {
            (first, perChunk) = (run.Word(0), run.Word(4));
            if (first <= before || (before == 0 && first != 1) || perChunk == 0)
            {
                throw AudioFault.Unreadable("A table of the MP4 file is out of order.");
            }
        }
    }

    private static void Set(ref Place? place, ByteReader file, Mp4Box box, int head, int entryBytes)
    {
        if (place is not null)
        {
            throw AudioFault.Unreadable("A track of the MP4 file has a table twice.");
        }

        var count = box.Field(file, head - 4);
        var start = box.Body + head;
        if (entryBytes > 0 && count > (box.End - start) / entryBytes)
        {
            throw AudioFault.Unreadable("A table of the MP4 file is longer than its box.");
        }

        place = new Place(start, count, entryBytes);
    }
}
