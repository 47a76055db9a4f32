using Ledgerline.Billing.Subscriptions;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>
/// Takes Stripe's events, each once, at whichever address and however often it comes. When it returns, the event and its effect
/// are durable, or the event waits for its subject. When it throws, nothing was stored and Stripe has to send it again: what is
/// not durable is never acknowledged, and no transaction is open while Stripe is asked.
/// </summary>
internal sealed class EventInbox(
    Database database, StripeClient stripe, CheckoutSettlement checkouts, SubscriptionSettlement subscriptions, PaymentSettlement payments)
{
    // Most of what Stripe tells has no effect here: such events share transactions.
    private readonly GroupCommit<KeptEvent> kept = new(database, one => one.News.Event.Id, ProviderEvents.KeepAll);

    /// <exception cref="StripeFailure">Stripe could not be asked about the event's object.</exception>
    public async Task Take(ReceivedEvent news, CancellationToken stop)
    {
        if (!StripeEventTypes.MayMatter(news.Event.Type))
        {
            await Keep(ProviderEvents.Stripe, news, stop);
            return;
        }

        if (await database.Read(session => ProviderEvents.Knows(session, news.Event.Id, stop), stop))
        {
            return;
        }

        switch (await EventSubject.Of(news.Event, database, stripe, stop))
        {
            case { Kind: SubjectKind.Checkout } checkout:
                await checkouts.Settle(checkout.Id, news, stop);
                break;
            case { Kind: SubjectKind.Subscription } subscription:
                await subscriptions.Settle(subscription.Id, news, stop, subscription.Payment);
                break;
            case { } paid:
                await payments.Settle(paid, news, stop);
                break;
            case null:
                await Keep(ProviderEvents.Stripe, news, stop);
                break;
        }
    }

    /// <summary>Stores an event that has no effect here.</summary>
    public Task Keep(string provider, ReceivedEvent news, CancellationToken stop) =>
        kept.Write(new KeptEvent(provider, news), stop);
}
