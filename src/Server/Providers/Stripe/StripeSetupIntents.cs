using Ledgerline.Kernel;

namespace Ledgerline.Providers.Stripe;

/// <summary>Cards that are saved without a payment.</summary>
public static class StripeSetupIntents
{
    /// <param name="stripe">Stripe.</param>
    /// <param name="customerId">Who the card will belong to.</param>
    /// <param name="account">Goes into the metadata, for people who look at Stripe's pages.</param>
    public static Task<StripeSetupIntent> CreateSetupIntent(
        this StripeClient stripe, string customerId, AccountId account, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeSetupIntent>(
            "v1/setup_intents",
            [
                new("customer", customerId),
                new("automatic_payment_methods[enabled]", "true"),
                // The bank is asked now, so that later charges go through while the customer is away.
                new("usage", "off_session"),
                new("metadata[account_id]", account.ToString()),
            ],
            idempotencyKey,
            stop);

    /// <summary>As it is now.</summary>
    public static Task<StripeSetupIntent> SetupIntent(this StripeClient stripe, string id, CancellationToken stop) =>
        stripe.Get<StripeSetupIntent>($"v1/setup_intents/{Uri.EscapeDataString(id)}", stop);
}

/// <summary>Stripe's <c>setup_intent</c>, as far as who saves a card needs it.</summary>
public sealed record StripeSetupIntent
{
    public required string Id { get; init; }

    /// <summary>Lets a browser save a card; for nobody but its owner.</summary>
    public required string ClientSecret { get; init; }

    public string? Status { get; init; }

    /// <summary>Its owner can still save a card with it.</summary>
    public bool IsOpen => Status is "requires_payment_method" or "requires_confirmation" or "requires_action";
}
