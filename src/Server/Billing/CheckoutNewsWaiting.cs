using Ledgerline.Jobs;

namespace Ledgerline.Billing;

/// <summary>Events of a checkout came before its order was known; now it is.</summary>
public sealed record CheckoutNewsWaiting(string SessionId);

/// <summary>Lets the events that waited have their effect.</summary>
internal sealed class SettleCheckout(CheckoutSettlement settlement) : IJob<CheckoutNewsWaiting>
{
    public Task Run(CheckoutNewsWaiting news, CancellationToken stop) => settlement.Settle(news.SessionId, null, stop);
}
