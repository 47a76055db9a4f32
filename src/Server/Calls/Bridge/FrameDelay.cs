namespace Ledgerline.Calls.Bridge;

/// <summary>
/// How late the frames of one call come. A phone sends fifty a second by a clock of its own; what comes later than the quickest of the last
/// moments has waited: for a processor that is too busy, or on a line that is too full. Real time, however the product's clock is moved.
/// </summary>
/// <param name="late">So much later than the quickest is late.</param>
internal sealed class FrameDelay(TimeSpan late, TimeProvider clock)
{
    // Clocks drift: the quickest of long ago says nothing.
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(15);

    private readonly long began = clock.GetTimestamp();
    private readonly long lateMs = (long)late.TotalMilliseconds;
    private long moment;
    private long quickest = long.MaxValue;
    private long quickestBefore = long.MaxValue;
    private long frames;
    private long lateFrames;
    private long framesTold;
    private long lateTold;

    /// <summary>A frame has come. Only the phone's loop calls it.</summary>
    /// <param name="timestamp">Its place on the phone's own clock, in milliseconds.</param>
    public void Came(long timestamp)
    {
        var now = (long)clock.GetElapsedTime(began).TotalMilliseconds;
        if (now / (long)Moment.TotalMilliseconds is var current && current != moment)
        {
            (moment, quickestBefore, quickest) = (current, quickest, long.MaxValue);
        }

        var delay = now - timestamp;
        quickest = Math.Min(quickest, delay);
        Volatile.Write(ref frames, frames + 1);
        if (delay - Math.Min(quickest, quickestBefore) > lateMs)
        {
            Volatile.Write(ref lateFrames, lateFrames + 1);
        }
    }

    /// <summary>Since the last time it was asked; one asks.</summary>
    public (long Frames, long Late) Take()
    {
        var (all, tardy) = (Volatile.Read(ref frames), Volatile.Read(ref lateFrames));
        var taken = (all - framesTold, tardy - lateTold);
        (framesTold, lateTold) = (all, tardy);
        return taken;
    }
}
