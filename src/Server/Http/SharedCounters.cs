using System.Data.Common;
using Ledgerline.Persistence;

namespace Ledgerline.Http;

/// <summary>Counters in a table that needs no fsync. While the database does not answer, each node counts for itself.</summary>
internal sealed class SharedCounters(Database database, TimeProvider clock, ILogger<SharedCounters> log) : Counters
{
    private readonly OwnCounters alone = new(clock);

    internal override async ValueTask<Grant> Take(string key, int want, int limit, TimeSpan window, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        try
        {
            // A window that ends much later than it could was written by a clock that has since been set back.
            var row = await database.Write(
                transaction => transaction.One<Row>(
                    """
                    INSERT INTO rate_limits (limit_key, taken, ends_at) VALUES (@key, @want, @ends)
                    ON CONFLICT (limit_key) DO UPDATE SET
                        taken = CASE WHEN rate_limits.ends_at > @now AND rate_limits.ends_at <= @latest THEN rate_limits.taken + @want ELSE @want END,
                        ends_at = CASE WHEN rate_limits.ends_at > @now AND rate_limits.ends_at <= @latest THEN rate_limits.ends_at ELSE @ends END
                    RETURNING taken, ends_at
                    """,
                    new { key, want = (long)want, now, ends = now + window, latest = now + window + window },
                    stop),
                stop);
            return Grant.Of(row.Taken, want, limit, row.EndsAt);
        }
        catch (DbException failure)
        {
            log.LogWarning("The database did not answer for rate limits ({Failure}); this node counts on its own", failure.GetType().Name);
            return await alone.Take(key, want, limit, window, stop);
        }
    }

    internal override Task Sweep(CancellationToken stop) => database.Write(
        transaction => transaction.Execute("DELETE FROM rate_limits WHERE ends_at < @now", new { now = clock.GetUtcNow() }, stop), stop);

    /// <summary>Takes over what was counted elsewhere; what is counted here already stands.</summary>
    internal Task AtLeast(IReadOnlyList<Count> counts) => database.Write(transaction =>
    {
        var now = clock.GetUtcNow();
        // In one order, so that nodes do not wait for each other in a circle.
        foreach (var count in counts.OrderBy(count => count.Key, StringComparer.Ordinal))
        {
            transaction.Defer(
                """
                INSERT INTO rate_limits (limit_key, taken, ends_at) SELECT r.key, r.taken, r.ends_at FROM {rows} WHERE r.ends_at > r.now
                ON CONFLICT (limit_key) DO UPDATE SET
                    taken = CASE WHEN rate_limits.ends_at >= excluded.ends_at AND rate_limits.taken > excluded.taken THEN rate_limits.taken ELSE excluded.taken END,
                    ends_at = CASE WHEN rate_limits.ends_at > excluded.ends_at THEN rate_limits.ends_at ELSE excluded.ends_at END
                """,
                new Copied(count.Key, count.Taken, count.EndsAt, now));
        }
    });

    private readonly record struct Copied(string Key, long Taken, DateTimeOffset EndsAt, DateTimeOffset Now);

    private sealed class Row
    {
        public long Taken { get; init; }
        public DateTimeOffset EndsAt { get; init; }
    }
}

/// <summary>How much of a limit is used up in the window that ends then.</summary>
internal readonly record struct Count(string Key, long Taken, DateTimeOffset EndsAt);
