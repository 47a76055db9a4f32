using System.Text.Json;
using Ledgerline.Persistence;

namespace Ledgerline.Jobs;

/// <summary>
/// The one way news travel upwards. What is published in a transaction is heard if and only if that transaction commits:
/// by some within it, right before the commit, by others later as jobs.
/// </summary>
public sealed class Outbox(Listeners listeners, JobSignal signal, IServiceProvider services, TimeProvider clock)
{
    /// <summary>Tells everyone who listens. <paramref name="at"/> puts the jobs off until that time.</summary>
    public Task Publish<TNews>(Transaction transaction, TNews news, DateTimeOffset? at = null, CancellationToken stop = default)
        where TNews : notnull
    {
        if (listeners.Hear(typeof(TNews)))
        {
            transaction.Gather((news, at), Tell);
        }

        return Task.CompletedTask;
    }

    internal void Insert(Transaction transaction, string kind, string payload, string? lane, string? uniqueKey, DateTimeOffset? at)
    {
        var (now, pool) = (clock.GetUtcNow(), listeners.Find(kind)?.Pool ?? KnownJob.CommonPool);
        transaction.Defer(
            """
            INSERT INTO jobs (kind, payload, lane, unique_key, status, run_at, created_at, pool)
            SELECT r.kind, r.payload, r.lane, r.unique_key, 'ready', r.run_at, r.now, r.pool FROM {rows} WHERE true
            ON CONFLICT (unique_key) DO NOTHING
            """,
            new NewJob(kind, payload, lane, uniqueKey, at ?? now, now, pool));
        transaction.OnCommit(() => signal.Wake(pool));
    }

    private async Task Tell<TNews>(Transaction transaction, IReadOnlyList<(TNews News, DateTimeOffset? At)> published, CancellationToken stop)
        where TNews : notnull
    {
        IReadOnlyList<TNews>? all = null;
        foreach (var listener in listeners.Within<TNews>())
        {
            await listener(services, transaction, all ??= [.. published.Select(one => one.News)], stop);
        }

        var kinds = listeners.Later(typeof(TNews));
        if (kinds.Count == 0)
        {
            return;
        }

        foreach (var (news, at) in published)
        {
            var payload = JsonSerializer.Serialize(news, JobJson.Options);
            foreach (var kind in kinds)
            {
                Insert(transaction, kind, payload, (news as IInLane)?.Lane, null, at);
            }
        }
    }

    private readonly record struct NewJob(string Kind, string Payload, string? Lane, string? UniqueKey, DateTimeOffset RunAt, DateTimeOffset Now, string Pool);
}
