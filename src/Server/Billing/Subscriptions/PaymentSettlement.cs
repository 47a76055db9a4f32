using System.Globalization;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>Makes our record of something paid once agree with Stripe: a payment of its own, or an invoice of no subscription.</summary>
internal sealed class PaymentSettlement(Database database, StripeClient stripe, PaymentBook payments, TimeProvider clock)
{
    /// <summary>Settles it; the news are stored in the very transaction of their effect.</summary>
    /// <exception cref="StripeFailure">Stripe could not be asked: nothing was stored, so the news have to come again.</exception>
    public async Task Settle(EventSubject subject, ReceivedEvent news, CancellationToken stop)
    {
        while (true)
        {
            var version = await database.Read(session => StripeObjects.Version(session, subject.Id, stop), stop);
            var seen = subject.Kind == SubjectKind.Invoice ? await OfInvoice(subject.Id, news.Event, stop) : await OfPayment(subject.Id, news.Event, stop);
            var refunds = subject.Payment is { } payment && news.Event.Type != StripeEventTypes.PaymentSucceeded ? await RefundsOf(payment, stop) : null;
            var current = await database.Write(
                async transaction =>
                {
                    if (await StripeObjects.Lock(transaction, subject.Id, stop) != version)
                    {
                        return false;
                    }

                    await Agree(transaction, subject, seen, refunds, news, stop);
                    return true;
                },
                stop);
            if (current)
            {
                return;
            }
        }
    }

    private async Task Agree(
        Transaction transaction, EventSubject subject, Paid? seen, IReadOnlyList<StripeRefund>? refunds, ReceivedEvent news, CancellationToken stop)
    {
        var account = seen is null ? null : await StripeCustomerBook.AccountOf(transaction, seen.Customer, stop);
        if (seen is null || account is not { } owner)
        {
            // Nothing was paid, or by nobody we know.
            await ProviderEvents.Keep(transaction, ProviderEvents.Stripe, news, stop);
            return;
        }

        if (!await ProviderEvents.Apply(transaction, news, subject.Id, clock.GetUtcNow(), stop))
        {
            return;
        }

        if (subject.Payment is { } disputed && Disputes.IsAbout(news.Event.Type) && news.Event.SubjectAs<StripeDispute>() is { } dispute)
        {
            await Disputes.Note(transaction, disputed, dispute, news.Event.Created, stop);
        }

        var row = seen.Row with { AccountId = owner };
        await payments.Note(transaction, row, refunds is null ? null : PaymentBook.Refunded(refunds, row.Currency, row.AmountMinor), stop);
        await StripeObjects.Changed(transaction, subject.Id, stop);
    }

    private async Task<Paid?> OfInvoice(string id, StripeEvent news, CancellationToken stop) =>
        await Asked(() => stripe.Invoice(id, stop), news) is { IsPaid: true } invoice
            ? new Paid(invoice.Customer, new PaymentRow
            {
                InvoiceId = invoice.Id,
                PaymentIntentId = invoice.PaymentIntentId,
                AmountMinor = invoice.AmountPaid,
                Currency = Currency(invoice.Currency),
                PaymentType = PaymentRow.OneTime,
                Description = invoice.Lines?.Data.Select(line => line.Description).FirstOrDefault(text => text is not null) ?? "Payment",
                CreatedAt = invoice.StatusTransitions?.PaidAt ?? invoice.Created ?? news.Created,
            })
            : null;

    private async Task<Paid?> OfPayment(string id, StripeEvent news, CancellationToken stop) =>
        await Asked(() => stripe.PaymentIntent(id, stop), news) is { Status: "succeeded" } payment
            ? new Paid(payment.Customer, new PaymentRow
            {
                PaymentIntentId = payment.Id,
                AmountMinor = payment.AmountReceived > 0 ? payment.AmountReceived : payment.Amount,
                Currency = Currency(payment.Currency),
                PaymentType = PaymentRow.OneTime,
                Description = payment.Description,
                CreatedAt = payment.Created ?? news.Created,
            })
            : null;

    // What Stripe does not know now is believed as it told it, where it told the thing itself.
    private static async Task<T?> Asked<T>(Func<Task<T>> ask, StripeEvent news)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (StripeFailure failure) when (failure.IsMissing)
        {
            return StripeEventTypes.OfInvoices.Contains(news.Type) || news.Type == StripeEventTypes.PaymentSucceeded ? news.SubjectAs<T>() : null;
        }
    }

    private async Task<IReadOnlyList<StripeRefund>> RefundsOf(string payment, CancellationToken stop)
    {
        try
        {
            return await stripe.RefundsOf(payment, stop);
        }
        catch (StripeFailure failure) when (failure.IsMissing)
        {
            return [];
        }
    }

    private static string Currency(string? currency) => (currency ?? "usd").ToLower(CultureInfo.InvariantCulture);

    private sealed record Paid(string? Customer, PaymentRow Row);
}
