using System.Text.Json;
using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>News: conversations that nobody is at any more have to be looked for.</summary>
public sealed record RealtimeReviewDue;

/// <summary>Closes the books of conversations whose server died: what they had used is charged, once, and nothing is held any more.</summary>
internal sealed class ReviewRealtime(Database database, Meter meter, Leases leases, TimeProvider clock, ILogger<ReviewRealtime> log) : IJob<RealtimeReviewDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const int AtOnce = 200;
    private const string NodeGone = "node_gone";

    public async Task Run(RealtimeReviewDue news, CancellationToken stop)
    {
        foreach (var row in await database.Read(session => RealtimeSessionRow.ToReview(session, clock.GetUtcNow(), AtOnce, stop), stop))
        {
            try
            {
                await Review(row);
            }
            catch (Exception failure)
            {
                // Its turn comes again when the right of this attempt is over.
                log.LogError(failure, "The books of the session {Session} could not be closed", row.Id);
            }
        }
    }

    private async Task Review(RealtimeSessionRow row)
    {
        if (!leases.IsFree(row.Ticket, row.LeaseUntil))
        {
            return;
        }

        // After a database that was away for all, its holder needs time to come back: what may live is looked at twice.
        var mayLive = !leases.IsFree(row.Ticket, DateTimeOffset.MaxValue);
        if (mayLive && row.ReviewAt == row.LeaseUntil)
        {
            await database.Write(transaction => RealtimeSessionRow.Take(transaction, row, row with { ReviewAt = clock.GetUtcNow() + Leases.Length }));
            return;
        }

        await using var lease = leases.New();
        var mine = row with { Ticket = lease.Ticket, LeaseUntil = leases.Until, ReviewAt = leases.Until };
        if (await database.Write(transaction => RealtimeSessionRow.Take(transaction, row, mine)))
        {
            await Close(mine);
            await database.Write(transaction => RealtimeSessionRow.Delete(transaction, mine));
        }
    }

    private Task Close(RealtimeSessionRow row)
    {
        var (part, used, isEstimated) = row.Standing;
        log.LogWarning("The server of the session {Session} died; its books are closed", row.Id);
        using var metadata = JsonDocument.Parse(row.Metadata);
        return meter.Close(
            RealtimeLease.Use(row.AccountId, row.Model, row.Id, part ?? 0),
            part,
            used.Count == 0 ? null : new VoiceReceipt(used, NodeGone, metadata.RootElement.Clone()) { IsEstimated = isEstimated });
    }
}
