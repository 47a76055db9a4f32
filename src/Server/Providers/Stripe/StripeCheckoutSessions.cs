using System.Globalization;
using Ledgerline.Kernel;

namespace Ledgerline.Providers.Stripe;

/// <summary>Stripe's hosted payment pages, for one thing paid once and for what is paid again and again.</summary>
public static class StripeCheckoutSessions
{
    public static Task<StripeCheckoutSession> CreateCheckoutSession(
        this StripeClient stripe, CheckoutRequest request, string idempotencyKey, CancellationToken stop)
    {
        const string price = "line_items[0][price_data]";
        List<KeyValuePair<string, string>> form =
        [
            new("mode", "payment"),
            new("customer", request.CustomerId),
            new("client_reference_id", request.Reference),
            new("line_items[0][quantity]", "1"),
            new($"{price}[currency]", request.Price.Currency),
            new($"{price}[unit_amount]", request.Price.Minor.ToString(CultureInfo.InvariantCulture)),
            new($"{price}[product_data][name]", request.ProductName),
            new($"{price}[product_data][description]", request.ProductDescription),
            new("success_url", request.SuccessUrl),
            new("cancel_url", request.CancelUrl),
        ];
        foreach (var (name, value) in request.Metadata)
        {
            form.Add(new($"metadata[{name}]", value));
            // Stripe does not copy the session's metadata to the payment, where people look for it.
            form.Add(new($"payment_intent_data[metadata][{name}]", value));
        }

        return stripe.Post<StripeCheckoutSession>("v1/checkout/sessions", form, idempotencyKey, stop);
    }

    /// <summary>A page where a customer subscribes.</summary>
    public static Task<StripeCheckoutSession> CreateSubscriptionCheckout(
        this StripeClient stripe, SubscriptionCheckoutRequest request, string idempotencyKey, CancellationToken stop)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("mode", "subscription"),
            new("customer", request.CustomerId),
            new("client_reference_id", request.Reference),
            new("line_items[0][quantity]", "1"),
            new("line_items[0][price]", request.PriceId),
            new("success_url", request.SuccessUrl),
            new("cancel_url", request.CancelUrl),
        ];
        foreach (var (name, value) in request.Metadata)
        {
            form.Add(new($"metadata[{name}]", value));
            // Stripe does not copy the session's metadata to the subscription, which outlives it.
            form.Add(new($"subscription_data[metadata][{name}]", value));
        }

        return stripe.Post<StripeCheckoutSession>("v1/checkout/sessions", form, idempotencyKey, stop);
    }

    public static Task<StripeCheckoutSession> CheckoutSession(this StripeClient stripe, string id, CancellationToken stop) =>
        stripe.Get<StripeCheckoutSession>($"v1/checkout/sessions/{Uri.EscapeDataString(id)}", stop);

    /// <summary>The session that a payment came from; null when it came from none.</summary>
    public static async Task<StripeCheckoutSession?> CheckoutSessionOf(this StripeClient stripe, string paymentIntentId, CancellationToken stop)
    {
        var path = $"v1/checkout/sessions?payment_intent={Uri.EscapeDataString(paymentIntentId)}&limit=1";
        var found = await stripe.Get<StripeList<StripeCheckoutSession>>(path, stop);
        return found.Data is [var session, ..] ? session : null;
    }
}

/// <summary>What is to be paid, by whom, and where the browser goes afterwards.</summary>
/// <param name="Reference">Ours, shown beside the payment.</param>
/// <param name="SuccessUrl">May hold <c>{CHECKOUT_SESSION_ID}</c>, which Stripe fills in.</param>
public sealed record CheckoutRequest(
    string CustomerId,
    string Reference,
    Money Price,
    string ProductName,
    string ProductDescription,
    string SuccessUrl,
    string CancelUrl,
    IReadOnlyDictionary<string, string> Metadata);

/// <summary>What is to be subscribed to, by whom, and where the browser goes afterwards.</summary>
/// <param name="Reference">Ours, shown beside the payment.</param>
public sealed record SubscriptionCheckoutRequest(
    string CustomerId, string Reference, string PriceId, string SuccessUrl, string CancelUrl, IReadOnlyDictionary<string, string> Metadata);
