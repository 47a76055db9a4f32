namespace Ledgerline.Audio;

/// <summary>The segment's Info element: how many nanoseconds a time stamp unit has, and the duration in those units, which live recorders leave out.</summary>
internal sealed class MatroskaInfo
{
    private long duration;

    /// <summary>The default is a millisecond.</summary>
    public long NanosecondsPerUnit { get; private set; } = 1_000_000;

    public TimeSpan Duration => Time(duration);

    public void Read(ByteReader file, EbmlElement info)
    {
        file.Position = info.Body;
        while (info.TryChild(file, out var child))
        {
            if (child.Id == Matroska.TimestampScale)
            {
                NanosecondsPerUnit = checked((long)child.Unsigned(file));
            }
            else if (child.Id == Matroska.Duration)
            {
                duration = Math.Max(duration, child.Whole(file));
            }

            file.Position = child.End;
        }
    }

    public TimeSpan Time(long units) => new(checked((long)(((Int128)units * NanosecondsPerUnit + 99) / 100)));
}
