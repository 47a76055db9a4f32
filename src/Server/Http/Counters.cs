namespace Ledgerline.Http;

/// <summary>How much of each limit is used up in its window: one truth for all nodes.</summary>
public abstract class Counters
{
    /// <summary>Takes up to <paramref name="want"/> permits of the window that began with the key's first request.</summary>
    internal abstract ValueTask<Grant> Take(string key, int want, int limit, TimeSpan window, CancellationToken stop);

    /// <summary>Forgets windows that are over.</summary>
    internal virtual Task Sweep(CancellationToken stop) => Task.CompletedTask;
}

/// <param name="EndsAt">When the window ends and all permits are free again.</param>
/// <param name="Last">True when there are no more to be had before that.</param>
internal readonly record struct Grant(int Permits, DateTimeOffset EndsAt, bool Last)
{
    /// <summary>Permits that nobody had taken at that moment.</summary>
    public int Left { get; init; }

    /// <param name="taken">In this window, with those that are wanted now.</param>
    public static Grant Of(long taken, int want, int limit, DateTimeOffset endsAt)
    {
        var before = taken - want;
        var granted = (int)Math.Clamp(limit - before, 0, want);
        return new Grant(granted, endsAt, before + granted >= limit) { Left = (int)Math.Max(0, limit - before - granted) };
    }

    /// <summary>What both of two counters allow.</summary>
    public Grant Stricter(Grant other)
    {
        var least = other.Permits < Permits || (other.Permits == Permits && other.Left < Left) ? other : this;
        return least with { Last = Last || other.Last, Left = Math.Min(Left, other.Left) };
    }
}

/// <summary>For a single node: it may have the whole limit at once.</summary>
internal sealed class OwnCounters(TimeProvider clock) : Counters
{
    internal override ValueTask<Grant> Take(string key, int want, int limit, TimeSpan window, CancellationToken stop) =>
        ValueTask.FromResult(new Grant(limit, clock.GetUtcNow() + window, true));
}
