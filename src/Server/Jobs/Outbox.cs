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

        foreach (var kind in listeners.Later(typeof(TNews)))
        {
            var beginsHere = listeners.Find(kind) is { Style.BeginsHere: true };
            foreach (var (news, at) in published.Where(one => !beginsHere || one.At is not null))
            {
                Insert(transaction, kind, JsonSerializer.Serialize(news, JobJson.Options), (news as IInLane)?.Lane, null, at);
            }

            if (beginsHere)
            {
                InsertHere(transaction, kind, [.. published.Where(one => one.At is null).Select(one => one.News)]);
            }
        }
    }

    // As many as there are free places are claimed at once, of each lane the first where none is before it.
    private void InsertHere<TNews>(Transaction transaction, string kind, IReadOnlyList<TNews> published)
    {
        var (now, pool) = (clock.GetUtcNow(), listeners.Find(kind)!.Pool);
        HashSet<string> lanes = new(StringComparer.Ordinal);
        List<NewJobHere> rows = [];
        List<JobPlaces.Pool> places = [];
        foreach (var news in published)
        {
            var lane = (news as IInLane)?.Lane;
            var place = lane is null || lanes.Add(lane) ? signal.Places.TryTake(pool) : null;
            rows.Add(new NewJobHere(kind, JsonSerializer.Serialize(news, JobJson.Options), lane, now, pool, now + JobQueue.Lease, place?.Node, rows.Count));
            if (place is not null)
            {
                places.Add(place);
            }
        }

        if (places.Count == 0)
        {
            foreach (var row in rows)
            {
                Insert(transaction, kind, row.Payload, row.Lane, null, null);
            }

            return;
        }

        // The order keeps PostgreSQL from looking at the lane for each column anew.
        var inserted = transaction.Ask<JobRow, NewJobHere>(
            """
            INSERT INTO jobs (kind, payload, lane, status, run_at, created_at, pool, attempt, lease_until, claimed_by)
            SELECT j.kind, j.payload, j.lane, CASE WHEN j.begins THEN 'running' ELSE 'ready' END, j.now, j.now, j.pool, CASE WHEN j.begins THEN 1 ELSE 0 END,
                CASE WHEN j.begins THEN j.lease END, CASE WHEN j.begins THEN j.node END
            FROM (
                SELECT r.kind AS kind, r.payload AS payload, r.lane AS lane, r.now AS now, r.pool AS pool, r.lease AS lease, r.node AS node,
                    r.node IS NOT NULL AND (
                        SELECT e.id FROM jobs e WHERE e.lane = r.lane AND e.status <> 'failed' ORDER BY e.id LIMIT 1) IS NULL AS begins
                FROM {rows} ORDER BY r.place) j
            RETURNING id, kind, payload, attempt
            """,
            rows);
        transaction.OnRollback(() => places.ForEach(place => place.Leave()));
        transaction.OnCommit(() =>
        {
            List<JobRow> begun = [.. inserted.Answered.Where(job => job.Attempt > 0)];
            foreach (var (place, at) in places.Select((place, at) => (place, at)))
            {
                if (at < begun.Count)
                {
                    place.Begin(begun[at]);
                }
                else
                {
                    place.Leave();
                }
            }

            if (begun.Count < rows.Count)
            {
                signal.Wake(pool);
            }
        });
    }

    private readonly record struct NewJob(string Kind, string Payload, string? Lane, string? UniqueKey, DateTimeOffset RunAt, DateTimeOffset Now, string Pool);

    /// <param name="Node">Who claims it; null where it waits.</param>
    private readonly record struct NewJobHere(
        string Kind, string Payload, string? Lane, DateTimeOffset Now, string Pool, DateTimeOffset Lease, string? Node, int Place);
}
