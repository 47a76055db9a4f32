using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>Events of a customer came before we knew whose it is; now we do.</summary>
public sealed record CustomerNewsWaiting(string CustomerId);

/// <summary>Lets the events that waited have their effect.</summary>
internal sealed class SettleCustomer(Database database, SubscriptionSettlement settlement, TimeProvider clock) : IJob<CustomerNewsWaiting>
{
    public async Task Run(CustomerNewsWaiting news, CancellationToken stop)
    {
        var waiting = await database.Read(session => ProviderEvents.ListWaiting(session, news.CustomerId, clock.GetUtcNow(), stop), stop);
        foreach (var subscription in waiting.Select(EventSubject.SubscriptionIn).OfType<string>().Distinct())
        {
            await settlement.Settle(subscription, null, stop);
        }

        await database.Write(transaction => ProviderEvents.ApplyWaiting(transaction, news.CustomerId, clock.GetUtcNow(), stop), stop);
    }
}
