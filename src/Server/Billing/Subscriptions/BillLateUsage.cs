using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>A subscription that was paid by use is over. Published to be heard when every node knows it.</summary>
public sealed record LateUsageDue(AccountId Account, string SubscriptionId)
{
    public static readonly TimeSpan After = TimeSpan.FromMinutes(1);
}

/// <summary>
/// Until its end was heard of, more may have been used. Stripe's meters count up to, but not including, the second of the end: from then on
/// until another subscription begins they count for nobody, so that each use stands on the next invoice as an amount of its own.
/// </summary>
internal sealed class BillLateUsage(Database database, Outbox outbox) : IJob<LateUsageDue>
{
    public Task Run(LateUsageDue news, CancellationToken stop) => database.Write(
        async transaction =>
        {
            var all = await SubscriptionRow.Of(transaction, news.Account, stop);
            if (all.FirstOrDefault(row => row.Id == news.SubscriptionId) is not { EndedAt: { } ended } over)
            {
                return;
            }

            var until = all.Where(row => row.Product == PlanProduct.VoiceFeatures && row.Id != over.Id && row.CreatedAt >= ended)
                .Select(row => row.CreatedAt).Append(DateTimeOffset.MaxValue).Min();
            var late = await transaction.List<Late>(
                """
                UPDATE metered_usage SET own_cents = cents, reported_at = NULL
                WHERE account_id = @Account AND used_at >= @ended AND used_at < @until AND own_cents IS NULL AND cents > 0 AND problem IS NULL
                RETURNING id, service
                """,
                new { news.Account, ended, until },
                stop);
            foreach (var use in late)
            {
                await outbox.Publish(transaction, new MeteredUsageDue(news.Account, use.Service, use.Id), stop: stop);
            }
        },
        stop);

    private sealed class Late
    {
        public required string Id { get; init; }
        public required string Service { get; init; }
    }
}
