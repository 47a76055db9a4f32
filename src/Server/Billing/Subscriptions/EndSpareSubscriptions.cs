using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>An account pays for two plans of one product: made at Stripe by hand, on a payment page, or by a request whose answer got lost.</summary>
public sealed record TwoPlansOfOneProduct(AccountId Account, string Product) : IInLane
{
    public string Lane => $"plans {Account} {Product}";
}

/// <summary>Keeps the newest and ends the others; what is left of their periods is credited.</summary>
internal sealed class EndSpareSubscriptions(
    Database database, StripeClient stripe, SubscriptionOrders orders, SubscriptionSettlement settlement, ILogger<EndSpareSubscriptions> log)
    : IJob<TwoPlansOfOneProduct>
{
    public async Task Run(TwoPlansOfOneProduct news, CancellationToken stop)
    {
        var order = await orders.Take(news.Account, news.Product, "end spare subscriptions", stop)
            ?? throw new InvalidOperationException("Somebody else is changing the account's plan: this comes again.");
        using var working = CancellationTokenSource.CreateLinkedTokenSource(stop, order.Lost);
        List<string> unended = [];
        try
        {
            foreach (var spare in (await Live(news, working.Token)).Skip(1))
            {
                log.LogWarning("Account {Account} has two plans of {Product}: {Subscription} ends", news.Account, news.Product, spare.Id);
                if (!await End(spare, working.Token))
                {
                    unended.Add(spare.Id);
                }
            }
        }
        finally
        {
            await orders.Give(order, isDone: true);
        }

        if (unended.Count > 0)
        {
            throw new InvalidOperationException($"Stripe does not say that {string.Join(", ", unended)} ended: this comes again.");
        }
    }

    private async Task<IReadOnlyList<SubscriptionRow>> Live(TwoPlansOfOneProduct news, CancellationToken stop) =>
    [
        .. (await database.Read(session => SubscriptionRow.Of(session, news.Account, stop), stop)).Where(row => row.IsLive && row.Product == news.Product),
    ];

    // False when it may go on, such as where Stripe knows nothing of it.
    private async Task<bool> End(SubscriptionRow spare, CancellationToken stop)
    {
        try
        {
            await stripe.EndSubscription(spare.Id, invoiceNow: true, prorate: true, stop);
        }
        catch (StripeFailure failure) when (!failure.IsPassing)
        {
            // It may have ended already: the settlement finds out.
            log.LogWarning("Stripe did not end {Subscription}: {Failure}", spare.Id, failure.Message);
        }

        return await settlement.Settle(spare.Id, null, stop) is { Row.IsLive: false };
    }
}
