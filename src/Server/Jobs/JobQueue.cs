using System.Text.Json;
using Ledgerline.Persistence;

namespace Ledgerline.Jobs;

/// <summary>The table of jobs as the runner sees it: claim, finish, fail, and what nobody finished.</summary>
internal sealed class JobQueue(Database database, Outbox outbox, Listeners listeners, Leases leases, TimeProvider clock)
{
    public static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RenewedAfter = TimeSpan.FromSeconds(15);

    /// <summary>The jobs that will still be done, as a relation for others: <c>lane</c>.</summary>
    public const string Unfinished = "(SELECT lane FROM jobs WHERE status <> 'failed')";

    private readonly GroupCommit<long> finishing = new(database, _ => "", (transaction, ids) =>
    {
        foreach (var id in ids)
        {
            Finish(transaction, id);
        }

        return Task.CompletedTask;
    });

    // A claim that a crash of the database forgets is made again, so nobody waits for the disk to have it.
    // A lane's next job waits for the one before it, also while that is running elsewhere or put off after a failure.
    private const string ClaimSql =
        """
        UPDATE jobs SET status = 'running', attempt = attempt + 1, lease_until = @lease, claimed_by = @node
        WHERE {unflushed} AND id IN (
            SELECT j.id FROM jobs j
            WHERE j.pool = @pool AND j.status = 'ready' AND j.run_at <= @now
              AND (j.lane IS NULL OR NOT EXISTS (
                  SELECT 1 FROM jobs e WHERE e.lane = j.lane AND e.id < j.id AND e.status <> 'failed'))
            ORDER BY j.run_at, j.id
            LIMIT @count {skip locked})
        RETURNING id, kind, payload, attempt, failures
        """;

    /// <param name="isKnown">Something was just written; else it is looked first.</param>
    public async Task<IReadOnlyList<JobRow>> Claim(string node, string pool, int count, bool isKnown, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        // Looking is cheap, claiming takes the writer: an idle node does not write.
        var due = isKnown ? 0 : await database.Read(
            session => session.Maybe<long?>("SELECT id FROM jobs WHERE pool = @pool AND status = 'ready' AND run_at <= @now ORDER BY run_at, id LIMIT 1", new { pool, now }, stop), stop);
        return due is null
            ? []
            : await database.Write(transaction => transaction.List<JobRow>(ClaimSql, new { now, lease = now + Lease, node, pool, count }, stop), stop);
    }

    /// <summary>How many are due or running, on all nodes.</summary>
    public Task<long> Waiting(CancellationToken stop) => database.Read(
        session => session.One<long>(
            "SELECT count(*) FROM jobs WHERE status = 'running' OR (status = 'ready' AND run_at <= @now)", new { now = clock.GetUtcNow() }, stop),
        stop);

    /// <summary>Many that end at the same time share a transaction.</summary>
    public Task Finish(long id, CancellationToken stop) => finishing.Write(id, stop);

    public static void Finish(Transaction transaction, long id) =>
        transaction.Defer("DELETE FROM jobs WHERE id IN (SELECT r.id FROM {rows})", new Ended(id));

    /// <summary>Puts it off, or after the last attempt keeps it as failed for the operator.</summary>
    /// <param name="wait">Until the next attempt.</param>
    public Task Fail(JobRow job, string error, bool last, TimeSpan wait, CancellationToken stop)
    {
        return database.Write(
            transaction => transaction.Execute(
                // Not when the lease ran out meanwhile and a later attempt has begun.
                """
                UPDATE jobs SET status = @status, run_at = @runAt, lease_until = NULL, claimed_by = NULL, last_error = @error,
                    failures = failures + 1, unique_key = CASE WHEN @last THEN NULL ELSE unique_key END
                WHERE id = @Id AND attempt = @Attempt AND status = 'running'
                """,
                new { job.Id, job.Attempt, last, status = last ? "failed" : "ready", runAt = clock.GetUtcNow() + wait, error },
                stop),
            stop);
    }

    /// <summary>Long before they are over: most jobs have ended by then. What is locked is about to end and needs no longer lease.</summary>
    public Task Renew(string node, CancellationToken stop) => database.Write(
        transaction => transaction.Execute(
            """
            UPDATE jobs SET lease_until = @lease WHERE id IN (
                SELECT j.id FROM jobs j WHERE j.claimed_by = @node AND j.status = 'running' AND j.lease_until <= @early {skip locked})
            """,
            new { node, lease = clock.GetUtcNow() + Lease, early = clock.GetUtcNow() + Lease - RenewedAfter },
            stop),
        stop);

    /// <summary>The jobs that are this node's by the table.</summary>
    public Task<IReadOnlyList<long>> ClaimedBy(string node, CancellationToken stop) => database.Read(
        session => session.List<long>("SELECT id FROM jobs WHERE claimed_by = @node AND status = 'running'", new { node }, stop), stop);

    /// <summary>Gives one back that this node does not work on after all; its pool, or null when it has ended.</summary>
    public Task<string?> GiveBack(string node, long id, CancellationToken stop) => database.Write(
        transaction => transaction.Maybe<string>(
            "UPDATE jobs SET status = 'ready', lease_until = NULL, claimed_by = NULL WHERE id = @id AND claimed_by = @node AND status = 'running' RETURNING pool",
            new { id, node },
            stop),
        stop);

    /// <summary>
    /// Gives back what a dead node had claimed: at once where its death can be seen, else when its lease is over. Answers the pools in which
    /// something is due now.
    /// </summary>
    public async Task<IReadOnlyList<string>> Recover(CancellationToken stop)
    {
        var claimers = await database.Read(
            session => session.List<Claimer>(
                "SELECT claimed_by AS node, MAX(lease_until) AS until FROM jobs WHERE status = 'running' AND claimed_by IS NOT NULL GROUP BY claimed_by", stop: stop), stop);
        List<string> pools = [];
        foreach (var gone in claimers.Where(claimer => leases.IsFree(claimer.Node, claimer.Until)))
        {
            pools.AddRange(await database.Write(
                transaction => transaction.List<string>(
                    // Not what it has renewed meanwhile.
                    """
                    UPDATE jobs SET status = 'ready', lease_until = NULL, claimed_by = NULL
                    WHERE status = 'running' AND claimed_by = @Node AND lease_until <= @Until RETURNING pool
                    """,
                    gone,
                    stop),
                stop));
        }

        return pools;
    }

    /// <summary>Enqueues the recurring jobs whose turn has come; of several nodes the one that moves the time does it.</summary>
    public async Task Recur(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var next = (await database.Read(session => session.List<RecurringRow>("SELECT name, next_at FROM recurring", stop: stop), stop))
            .ToDictionary(row => row.Name, row => row.NextAt);
        foreach (var (name, (every, news)) in listeners.Recurring)
        {
            if (next.TryGetValue(name, out var at) && at > now)
            {
                continue;
            }

            await database.Write(
                async transaction =>
                {
                    var mine = await transaction.Execute(
                        """
                        INSERT INTO recurring (name, next_at) VALUES (@name, @following)
                        ON CONFLICT (name) DO UPDATE SET next_at = excluded.next_at WHERE recurring.next_at <= @now
                        """,
                        new { name, following = now + every, now },
                        stop);
                    if (mine == 0)
                    {
                        return;
                    }

                    var payload = JsonSerializer.Serialize(Activator.CreateInstance(news), news, JobJson.Options);
                    foreach (var kind in listeners.Later(news))
                    {
                        outbox.Insert(transaction, kind, payload, lane: null, uniqueKey: kind, at: null);
                    }
                },
                stop);
        }
    }

    private readonly record struct Ended(long Id);

    private sealed class Claimer
    {
        public required string Node { get; init; }
        public DateTimeOffset Until { get; init; }
    }

    private sealed class RecurringRow
    {
        public required string Name { get; init; }
        public DateTimeOffset NextAt { get; init; }
    }
}
