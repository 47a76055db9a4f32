using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>What somebody wants to subscribe to.</summary>
/// <param name="Prices">The plan's at Stripe.</param>
/// <param name="PaymentMethod">As the browser made it; null when the customer is to pay in the browser.</param>
/// <param name="Coupon">Stripe's id of it.</param>
/// <param name="PromotionCode">As customers type it in.</param>
/// <param name="ProrationDate">The moment that a preview was made for; null for now.</param>
internal sealed record WantedPlan(
    AccountId Account, Plan Plan, IReadOnlyList<string> Prices, string? PaymentMethod = null, string? Coupon = null, string? PromotionCode = null,
    DateTimeOffset? ProrationDate = null);

/// <summary>What came of it.</summary>
/// <param name="ClientSecret">The browser confirms the payment with it; null when nothing is left to do.</param>
internal sealed record OpenedSubscription(string Id, string? ClientSecret)
{
    public static OpenedSubscription Of(StripeSubscription subscription) => new(
        subscription.Id, subscription is { Status: "incomplete" or "past_due", LatestInvoice: { Status: "open" } invoice } ? invoice.ClientSecret : null);
}

/// <summary>The customer can do something about it; the message is a sentence for them.</summary>
internal sealed class RefusedSubscription(string sentence) : Exception(sentence);
