using System.Text.Json;
using Ledgerline.Persistence;

namespace Ledgerline.Jobs;

/// <summary>
/// The one way news travel upwards. What is published in a transaction is heard if and only if that transaction commits:
/// by some within it, by others later as jobs.
/// </summary>
public sealed class Outbox(Listeners listeners, JobSignal signal, IServiceProvider services, TimeProvider clock)
{
    /// <summary>Tells everyone who listens. <paramref name="at"/> puts the jobs off until that time.</summary>
    public async Task Publish<TNews>(Transaction transaction, TNews news, DateTimeOffset? at = null, CancellationToken stop = default)
        where TNews : notnull
    {
        foreach (var listener in listeners.Within(typeof(TNews)))
        {
            await listener(services, transaction, news, stop);
        }

        var kinds = listeners.Later(typeof(TNews));
        if (kinds.Count == 0)
        {
            return;
        }

        var payload = JsonSerializer.Serialize(news, JobJson.Options);
        foreach (var kind in kinds)
        {
            await Insert(transaction, kind, payload, (news as IInLane)?.Lane, null, at, stop);
        }

        transaction.OnCommit(signal.Wake);
    }

    internal async Task Insert(
        Transaction transaction, string kind, string payload, string? lane, string? uniqueKey, DateTimeOffset? at, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        await transaction.Execute(
            """
            INSERT INTO jobs (kind, payload, lane, unique_key, status, run_at, created_at)
            VALUES (@kind, @payload, @lane, @uniqueKey, 'ready', @runAt, @now)
            ON CONFLICT (unique_key) DO NOTHING
            """,
            new { kind, payload, lane, uniqueKey, runAt = at ?? now, now },
            stop);
    }
}
