using System.Text.Json;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>
/// Takes Stripe's events, each once, at whichever address and however often it comes. When it returns, the event and its effect
/// are durable, or the event waits for its subject. When it throws, nothing was stored and Stripe has to send it again: what is
/// not durable is never acknowledged, and no transaction is open while Stripe is asked.
/// </summary>
internal sealed class EventInbox(Database database, StripeClient stripe, CheckoutSettlement settlement)
{
    /// <exception cref="StripeFailure">Stripe could not be asked about the event's object.</exception>
    public async Task Take(ReceivedEvent news, CancellationToken stop)
    {
        if (await database.Read(session => ProviderEvents.Knows(session, news.Event.Id, stop), stop))
        {
            return;
        }

        if (await SessionOf(news.Event, stop) is { } sessionId)
        {
            await settlement.Settle(sessionId, news, stop);
        }
        else
        {
            await Keep(ProviderEvents.Stripe, news, stop);
        }
    }

    /// <summary>Stores an event that has no effect here.</summary>
    public Task Keep(string provider, ReceivedEvent news, CancellationToken stop) =>
        database.Write(transaction => ProviderEvents.Keep(transaction, provider, news, stop), stop);

    // Null when it is not about a checkout.
    private async Task<string?> SessionOf(StripeEvent news, CancellationToken stop)
    {
        if (StripeEventTypes.OfSessions.Contains(news.Type))
        {
            return news.Subject.Id("id");
        }

        if (!StripeEventTypes.OfPayments.Contains(news.Type) || await PaymentOf(news.Subject, stop) is not { } payment)
        {
            return null;
        }

        // A refund may overtake the event of its own payment: then only Stripe knows which checkout it belongs to.
        return await database.Read(session => CheckoutOrders.SessionOfPayment(session, payment, stop), stop)
            ?? await IfThere(async () => (await stripe.CheckoutSessionOf(payment, stop))?.Id);
    }

    private async Task<string?> PaymentOf(JsonElement subject, CancellationToken stop) =>
        subject.Id("payment_intent") is { } payment ? payment
        : subject.Id("charge") is { } charge ? await IfThere(async () => (await stripe.Charge(charge, stop)).PaymentIntent)
        : null;

    private static async Task<string?> IfThere(Func<Task<string?>> find)
    {
        try
        {
            return await find();
        }
        catch (StripeFailure failure) when (failure.Code == "resource_missing")
        {
            return null;
        }
    }
}
