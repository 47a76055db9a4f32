using System.Text.Json;
using Ledgerline.Billing.Subscriptions;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>What an event is about, of the things that are settled here.</summary>
/// <param name="Payment">The payment that the event names, when it is about money that moved.</param>
internal sealed record EventSubject(SubjectKind Kind, string Id, string? Payment = null)
{
    /// <summary>The subscription that an event names; null when it names none.</summary>
    public static string? SubscriptionIn(StripeEvent news) =>
        StripeEventTypes.OfSubscriptions.Contains(news.Type) ? news.Subject.Id("id")
        : StripeEventTypes.OfInvoices.Contains(news.Type)
            ? news.Subject.Member("parent").Member("subscription_details").Id("subscription") ?? news.Subject.Id("subscription")
        : StripeEventTypes.OfSessions.Contains(news.Type) && news.Subject.Text("mode") == "subscription" ? news.Subject.Id("subscription")
        : null;

    /// <summary>Null when it is about nothing that we settle.</summary>
    /// <exception cref="StripeFailure">Only Stripe could have said, and could not be asked.</exception>
    public static async Task<EventSubject?> Of(StripeEvent news, Database database, StripeClient stripe, CancellationToken stop)
    {
        if (SubscriptionIn(news) is { } subscription)
        {
            return new(SubjectKind.Subscription, subscription);
        }

        if (StripeEventTypes.OfSessions.Contains(news.Type))
        {
            return news.Subject.Text("mode") != "subscription" && news.Subject.Id("id") is { } session ? new(SubjectKind.Checkout, session) : null;
        }

        if (StripeEventTypes.OfInvoices.Contains(news.Type))
        {
            return news.Subject.Id("id") is { } invoice ? new(SubjectKind.Invoice, invoice) : null;
        }

        var payment = news.Type == StripeEventTypes.PaymentSucceeded ? await IsOfOrder(news.Subject, database, stop) ? null : news.Subject.Id("id")
            : StripeEventTypes.OfPayments.Contains(news.Type) ? await PaymentOf(news.Subject, stripe, stop)
            : null;
        return payment is null ? null : await OfPayment(payment, news.Type, database, stripe, stop);
    }

    private static async Task<EventSubject?> OfPayment(string payment, string type, Database database, StripeClient stripe, CancellationToken stop)
    {
        var (known, session) = await database.Read(
            async read => (await PaymentRow.ByPayment(read, payment, stop), await CheckoutOrders.SessionOfPayment(read, payment, stop)), stop);
        // A refund may overtake the event of its own payment: then only Stripe knows what it belongs to.
        session ??= known is null ? await IfThere(async () => (await stripe.CheckoutSessionOf(payment, stop))?.Id) : null;
        if (session is not null)
        {
            // The session's own events tell that it is paid.
            return type == StripeEventTypes.PaymentSucceeded ? null : new(SubjectKind.Checkout, session);
        }

        var (subscription, invoice) = (known?.SubscriptionId, known?.InvoiceId);
        if (known is null && await IfThere(() => stripe.InvoiceOf(payment, stop)) is { } paid)
        {
            (subscription, invoice) = (await IfThere(async () => (await stripe.Invoice(paid, stop)).SubscriptionId), paid);
        }

        return subscription is not null ? new(SubjectKind.Subscription, subscription, payment)
            : invoice is not null ? new(SubjectKind.Invoice, invoice, payment)
            : new(SubjectKind.Payment, payment, payment);
    }

    // The events of an order's checkout grant what was bought; whether the order is ours is asked of our own books.
    private static async Task<bool> IsOfOrder(JsonElement payment, Database database, CancellationToken stop) =>
        payment.Member("metadata").Text("order_id") is { Length: <= 255 } order && !order.Contains('\0')
        && await database.Read(session => CheckoutOrders.Knows(session, order, stop), stop);

    private static async Task<string?> PaymentOf(JsonElement subject, StripeClient stripe, CancellationToken stop) =>
        subject.Id("payment_intent") is { } payment ? payment
        : subject.Id("charge") is { } charge ? await IfThere(async () => (await stripe.Charge(charge, stop)).PaymentIntent)
        : null;

    private static async Task<string?> IfThere(Func<Task<string?>> find)
    {
        try
        {
            return await find();
        }
        catch (StripeFailure failure) when (failure.IsMissing)
        {
            return null;
        }
    }
}

/// <summary>What is settled, each by its own settlement.</summary>
internal enum SubjectKind
{
    Checkout,
    Subscription,

    /// <summary>Of no subscription.</summary>
    Invoice,

    /// <summary>Of no invoice and no checkout.</summary>
    Payment,
}
