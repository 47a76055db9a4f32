using System.Globalization;
using Ledgerline.Kernel;

namespace Ledgerline.Providers.Stripe;

/// <summary>Who pays, as Stripe knows them: one customer an account.</summary>
public static class StripeCustomers
{
    public static Task<StripeCustomer> CreateCustomer(this StripeClient stripe, CustomerRequest request, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeCustomer>(
            "v1/customers",
            new StripeForm()
                .With("email", request.Email)
                .With("name", request.Name)
                .With("metadata[account_id]", request.Account.ToString())
                .With("metadata[account_number]", request.Number?.ToString(CultureInfo.InvariantCulture)),
            idempotencyKey,
            stop);
}

/// <summary>Who becomes a customer; the same words each time a request is repeated under its key.</summary>
/// <param name="Account">Goes into the metadata with its number, for people who look at Stripe's pages.</param>
public sealed record CustomerRequest(AccountId Account, long? Number, string? Email, string? Name);

/// <summary>Stripe's <c>customer</c>, as far as we read it.</summary>
public sealed record StripeCustomer
{
    public required string Id { get; init; }
}
