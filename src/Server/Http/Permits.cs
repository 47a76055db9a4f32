using System.Collections.Concurrent;

namespace Ledgerline.Http;

/// <summary>
/// This node's share of the limits. Permits are fetched from the <see cref="Counters"/> all nodes share: one by one for small
/// limits, in chunks of a twentieth for large ones, so that a busy route rarely asks. What a node holds is counted as used, so the
/// limit is never exceeded.
/// </summary>
public sealed class Permits(Counters counters, TimeProvider clock)
{
    /// <summary>Limits below this are exact: every permit is fetched on its own.</summary>
    private const int Exact = 20;

    /// <summary>Nobody can fill the memory with made-up identities: beyond this the oldest are forgotten.</summary>
    internal const int MostKeys = 50_000;

    private readonly ConcurrentDictionary<string, Share> shares = new(StringComparer.Ordinal);
    private DateTimeOffset swept = clock.GetUtcNow();

    internal int Keys => shares.Count;

    /// <summary>Null when admitted, else how long to wait.</summary>
    internal async ValueTask<TimeSpan?> Take(string key, int limit, TimeSpan window, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        Sweep(now, window);
        var share = shares.GetOrAdd(key, static _ => new Share());
        if (share.Take(now) is { } known)
        {
            return known.Wait;
        }

        // One asks for all who wait: many asking at once would fetch more than they use.
        await share.Asking.WaitAsync(stop);
        try
        {
            if (share.Take(now) is { } answered)
            {
                return answered.Wait;
            }

            var want = limit < Exact ? 1 : limit / Exact;
            share.Fill(await counters.Take(key, want, limit, window, stop), now + window);
            return share.Take(now)?.Wait;
        }
        finally
        {
            share.Asking.Release();
        }
    }

    /// <summary>How many permits of the running window are left, as far as this node knows, and when it ends; null when none runs.</summary>
    internal (int Left, TimeSpan EndsIn)? Left(string key) =>
        shares.TryGetValue(key, out var share) ? share.Remaining(clock.GetUtcNow()) : null;

    private void Sweep(DateTimeOffset now, TimeSpan window)
    {
        if (now - swept < window && shares.Count < MostKeys)
        {
            return;
        }

        swept = now;
        foreach (var (key, share) in shares)
        {
            if (share.EndsAt <= now)
            {
                shares.TryRemove(key, out _);
            }
        }

        foreach (var (key, _) in shares.OrderBy(entry => entry.Value.EndsAt).Take(Math.Max(0, shares.Count - (MostKeys * 9 / 10))).ToList())
        {
            shares.TryRemove(key, out _);
        }
    }

    private sealed class Share
    {
        private readonly Lock gate = new();
        private int left;
        private int elsewhere;
        private bool last;

        public SemaphoreSlim Asking { get; } = new(1, 1);

        public DateTimeOffset EndsAt { get; private set; } = DateTimeOffset.MaxValue;

        /// <summary>Null when the counters must be asked.</summary>
        public Answer? Take(DateTimeOffset now)
        {
            lock (gate)
            {
                if (EndsAt == DateTimeOffset.MaxValue || EndsAt <= now)
                {
                    return null;
                }

                if (left > 0)
                {
                    left--;
                    return new Answer(null);
                }

                return last ? new Answer(EndsAt - now) : null;
            }
        }

        public (int Left, TimeSpan EndsIn)? Remaining(DateTimeOffset now)
        {
            lock (gate)
            {
                return EndsAt == DateTimeOffset.MaxValue || EndsAt <= now ? null : (left + elsewhere, EndsAt - now);
            }
        }

        public void Fill(Grant grant, DateTimeOffset latest)
        {
            lock (gate)
            {
                (left, elsewhere, last) = (grant.Permits, grant.Left, grant.Last);
                EndsAt = grant.EndsAt < latest ? grant.EndsAt : latest;
            }
        }
    }

    private readonly record struct Answer(TimeSpan? Wait);
}
