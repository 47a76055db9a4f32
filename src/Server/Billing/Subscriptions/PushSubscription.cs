using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Realtime;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>Shows every change of a subscription on the account's open streams, if and only if it becomes true.</summary>
internal sealed class PushSubscription(Channels channels)
{
    public const string Type = "subscription_updated";

    /// <summary>The data of <see cref="Type"/>. The plan is null while the subscription's price is none of ours.</summary>
    public sealed record Data(
        string SubscriptionId, string? Product, string? PlanName, string Status, string CurrentPeriodStart, string CurrentPeriodEnd, bool CancelAtPeriodEnd,
        string DunningStep);

    public void Publish(Transaction transaction, SubscriptionRow row) => channels.Publish(
        transaction, row.AccountId, Type,
        new Data(row.Id, row.Product, row.PlanId, row.Status, row.PeriodStart.Iso(), row.PeriodEnd.Iso(), row.CancelAtPeriodEnd, row.DunningStep));
}
