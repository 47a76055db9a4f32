namespace Ledgerline.Providers.Stripe;

/// <summary>What customers owe and have paid for their subscriptions.</summary>
public static class StripeInvoices
{
    private const string WithPayments = "expand[]=data.payments";

    public static Task<StripeInvoice> Invoice(this StripeClient stripe, string id, CancellationToken stop) =>
        stripe.Get<StripeInvoice>($"v1/invoices/{Uri.EscapeDataString(id)}{(stripe.SpeaksOldShapes ? "" : "?expand[]=payments")}", stop);

    /// <summary>Every invoice of a subscription with its payments, the newest first.</summary>
    public static Task<IReadOnlyList<StripeInvoice>> InvoicesOf(this StripeClient stripe, string subscriptionId, CancellationToken stop) =>
        stripe.All<StripeInvoice>($"v1/invoices?subscription={Uri.EscapeDataString(subscriptionId)}{Expanded(stripe)}", invoice => invoice.Id, stop);

    /// <summary>Every invoice made since then.</summary>
    public static Task<IReadOnlyList<StripeInvoice>> InvoicesSince(this StripeClient stripe, DateTimeOffset since, CancellationToken stop) =>
        stripe.All<StripeInvoice>($"v1/invoices?created[gte]={since.ToUnixTimeSeconds()}{Expanded(stripe)}", invoice => invoice.Id, stop);

    /// <summary>Tries to collect an open invoice now, with this payment method when one is named.</summary>
    public static Task<StripeInvoice> PayInvoice(this StripeClient stripe, string id, string? paymentMethodId, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeInvoice>(
            $"v1/invoices/{Uri.EscapeDataString(id)}/pay", new StripeForm().With("payment_method", paymentMethodId), idempotencyKey, stop);

    /// <summary>Nobody owes it any more.</summary>
    public static Task<StripeInvoice> VoidInvoice(this StripeClient stripe, string id, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeInvoice>($"v1/invoices/{Uri.EscapeDataString(id)}/void", new StripeForm(), idempotencyKey, stop);

    /// <summary>The invoice that this payment pays; null when it pays none.</summary>
    public static async Task<string?> InvoiceOf(this StripeClient stripe, string paymentIntentId, CancellationToken stop)
    {
        if (stripe.SpeaksOldShapes)
        {
            return (await stripe.PaymentIntent(paymentIntentId, stop)).Invoice;
        }

        var path = $"v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={Uri.EscapeDataString(paymentIntentId)}&limit=1";
        return (await stripe.Get<StripeList<StripeInvoicePayment>>(path, stop)).Data is [var paid, ..] ? paid.Invoice : null;
    }

    /// <summary>What a change would cost at this moment; nothing is changed. The same moment makes the change cost the same.</summary>
    public static Task<StripeInvoice> PreviewChange(this StripeClient stripe, string customerId, SubscriptionChange change, string idempotencyKey, CancellationToken stop)
    {
        var form = new StripeForm()
            .With("customer", customerId)
            .With("subscription", change.SubscriptionId)
            .With("subscription_details[proration_behavior]", SubscriptionChange.Proration)
            .With("subscription_details[proration_date]", change.ProrationDate);
        change.WriteItems(form, "subscription_details[items]");
        return stripe.Post<StripeInvoice>("v1/invoices/create_preview", form, idempotencyKey, stop);
    }

    internal static Task<StripePayment> PaymentIntent(this StripeClient stripe, string id, CancellationToken stop) =>
        stripe.Get<StripePayment>($"v1/payment_intents/{Uri.EscapeDataString(id)}", stop);

    private static string Expanded(StripeClient stripe) => stripe.SpeaksOldShapes ? "" : $"&{WithPayments}";
}

/// <summary>Stripe's <c>payment_intent</c>, as far as we read it.</summary>
public sealed record StripePayment
{
    public required string Id { get; init; }
    public required string Status { get; init; }

    /// <summary>Its payer can still pay it; not so what is paid, on its way or cancelled.</summary>
    public bool IsOpen => Status is "requires_payment_method" or "requires_confirmation" or "requires_action";

    public long Amount { get; init; }
    public long AmountReceived { get; init; }
    public string? Currency { get; init; }
    public string? Description { get; init; }

    /// <summary>Why the last attempt failed; null when none did.</summary>
    public StripePaymentError? LastPaymentError { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(ExpandableId))]
    public string? Customer { get; init; }

    /// <summary>Where it stood before.</summary>
    [System.Text.Json.Serialization.JsonConverter(typeof(ExpandableId))]
    public string? Invoice { get; init; }

    [System.Text.Json.Serialization.JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? Created { get; init; }
}

/// <summary>Why a payment was not made, in Stripe's words and the bank's.</summary>
public sealed record StripePaymentError
{
    public string? Code { get; init; }
    public string? DeclineCode { get; init; }
}
