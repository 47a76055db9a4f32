using System.Globalization;

namespace Ledgerline.Providers.Stripe;

/// <summary>Something paid once in the browser, with a card that is given there.</summary>
public static class StripePaymentIntents
{
    public static Task<StripePaymentIntent> CreatePaymentIntent(
        this StripeClient stripe, PaymentIntentRequest request, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripePaymentIntent>(
            "v1/payment_intents",
            [
                new("amount", request.AmountMinor.ToString(CultureInfo.InvariantCulture)),
                new("currency", request.Currency),
                new("customer", request.CustomerId),
                new("description", request.Description),
                // Which ways to pay are offered is decided on Stripe's pages.
                new("automatic_payment_methods[enabled]", "true"),
                .. request.Metadata.Select(pair => KeyValuePair.Create($"metadata[{pair.Key}]", pair.Value)),
            ],
            idempotencyKey,
            stop);
}

/// <summary>What is to be paid, and by whom.</summary>
public sealed record PaymentIntentRequest(
    string CustomerId, long AmountMinor, string Currency, string Description, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Stripe's <c>payment_intent</c>, as far as who pays needs it.</summary>
public sealed record StripePaymentIntent
{
    public required string Id { get; init; }

    /// <summary>Lets a browser pay this one; for nobody but its payer.</summary>
    public required string ClientSecret { get; init; }
}
