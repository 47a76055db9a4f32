namespace Ledgerline.Audio;

/// <summary>
/// An edit list (ISO 14496-12 §8.6.6): stretches of the media to play, each with a duration and a start in the media, or -1 for a pause.
/// One stretch is usual and skips the encoder's delay; several may play the same media again and again.
/// </summary>
internal sealed class Mp4Edits
{
    /// <summary>How many stretches play something.</summary>
    public long Stretches { get; private set; }

    /// <summary>Where the first stretch begins, in the media's time scale.</summary>
    public long MediaStart { get; private set; }

    public void Read(ByteReader file, Mp4Box box)
    {
        var wide = box.Version(file) == 1;
        var entryBytes = wide ? 20 : 12;
        var count = box.Field(file, 4);
        var at = box.Body + 8;
        if (count > (box.End - at) / entryBytes)
        {
            throw AudioFault.Unreadable("A table of the MP4 file is longer than its box.");
        }

        using var entries = new Mp4Table(file, at, count, entryBytes);
        while (entries.TryNext(out var entry))
        {
            var start = wide ? (long)entry.Wide(8) : (int)entry.Word(4);
            if (start < 0)
            {
                continue;
            }

            MediaStart = Stretches++ == 0 ? start : MediaStart;
        }
    }
}
