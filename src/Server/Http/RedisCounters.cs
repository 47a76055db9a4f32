using System.Collections.Concurrent;
using System.Data.Common;
using Ledgerline.Nodes;

namespace Ledgerline.Http;

/// <summary>
/// Counters in Redis, a copy of them in the database a moment later, from where counting goes on while Redis is away. When it comes back
/// both count until every window is over that began before: so no outage lifts a limit.
/// </summary>
internal sealed class RedisCounters(RedisLink redis, SharedCounters database, TimeProvider clock, ILogger<RedisCounters> log) : Counters
{
    // A window that ends much later than it could was written by a clock that has since been set back.
    private const string Script = """
        local now, want, window = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local ends = tonumber(redis.call('HGET', KEYS[1], 'ends') or 0)
        if ends <= now or ends > now + 2 * window then
            ends = now + window
            redis.call('HMSET', KEYS[1], 'taken', 0, 'ends', ends)
            redis.call('PEXPIRE', KEYS[1], 2 * window)
        end
        return { redis.call('HINCRBY', KEYS[1], 'taken', want), ends }
        """;

    private static readonly TimeSpan CopyAfter = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, Count> toCopy = new(StringComparer.Ordinal);
    private volatile Era era = new(0, default);
    private int copying;

    internal override async ValueTask<Grant> Take(string key, int want, int limit, TimeSpan window, CancellationToken stop)
    {
        if (redis.IsThere && IsSettling(window))
        {
            // One after the other: whoever wins in one of them must not lose to somebody else in the other.
            var first = await database.Take(key, want, limit, window, stop);
            return first.Permits > 0 && await TakeInRedis(key, first.Permits, window) is { } second ? first.Stricter(Grant.Of(second.Taken, first.Permits, limit, second.EndsAt)) : first;
        }

        if (await TakeInRedis(key, want, window) is not { } count)
        {
            // What this node knows must be there before it is counted on.
            await Copy();
            return await database.Take(key, want, limit, window, stop);
        }

        toCopy[key] = count;
        if (Interlocked.Exchange(ref copying, 1) == 0)
        {
            _ = CopySoon();
        }

        return Grant.Of(count.Taken, want, limit, count.EndsAt);
    }

    internal override Task Sweep(CancellationToken stop) => database.Sweep(stop);

    private async ValueTask<Count?> TakeInRedis(string key, int want, TimeSpan window) =>
        await redis.Run(Script, $"limit:{key}", clock.GetUtcNow().ToUnixTimeMilliseconds(), want, (long)window.TotalMilliseconds) is [var taken, var ends]
            ? new Count(key, taken, DateTimeOffset.FromUnixTimeMilliseconds(ends))
            : null;

    private bool IsSettling(TimeSpan window)
    {
        var now = clock.GetUtcNow();
        if (era is { } known && known.Returns == redis.Returns)
        {
            return now < known.Since + window;
        }

        era = new Era(redis.Returns, now);
        return true;
    }

    private async Task CopySoon()
    {
        await Task.Delay(CopyAfter, TimeProvider.System);
        Volatile.Write(ref copying, 0);
        await Copy();
    }

    private async Task Copy()
    {
        List<Count> counts = [];
        foreach (var key in toCopy.Keys)
        {
            if (toCopy.TryRemove(key, out var count))
            {
                counts.Add(count);
            }
        }

        if (counts.Count == 0)
        {
            return;
        }

        try
        {
            await database.AtLeast(counts);
        }
        catch (DbException failure)
        {
            log.LogWarning("The database did not take a copy of {Counts} rate limits ({Failure})", counts.Count, failure.GetType().Name);
        }
    }

    private sealed record Era(int Returns, DateTimeOffset Since);
}
