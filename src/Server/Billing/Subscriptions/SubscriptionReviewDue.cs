using Ledgerline.Jobs;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>A subscription's next step is due: a reminder, the end of grace, the end of a trial coming near.</summary>
public sealed record SubscriptionReviewDue(string SubscriptionId);

/// <summary>Takes the step, as Stripe sees the subscription now.</summary>
internal sealed class ReviewSubscription(SubscriptionSettlement settlement) : IJob<SubscriptionReviewDue>
{
    public Task Run(SubscriptionReviewDue news, CancellationToken stop) => settlement.Settle(news.SubscriptionId, null, stop);
}
