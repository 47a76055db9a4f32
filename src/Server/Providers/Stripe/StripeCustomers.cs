using Ledgerline.Kernel;

namespace Ledgerline.Providers.Stripe;

/// <summary>Who pays, as Stripe knows them: one customer an account.</summary>
public static class StripeCustomers
{
    /// <param name="stripe">Stripe.</param>
    /// <param name="account">Goes into the metadata, for people who look at Stripe's pages.</param>
    public static Task<StripeCustomer> CreateCustomer(this StripeClient stripe, AccountId account, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeCustomer>("v1/customers", [new("metadata[account_id]", account.ToString())], idempotencyKey, stop);
}

/// <summary>Stripe's <c>customer</c>, as far as we read it.</summary>
public sealed record StripeCustomer
{
    public required string Id { get; init; }
}
