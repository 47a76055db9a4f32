namespace Ledgerline.Providers.Stripe;

/// <summary>Stripe's pages on which customers look after their cards, invoices and subscriptions.</summary>
public static class StripePortal
{
    /// <summary>A page for this customer, good for a short while; whoever has its address is taken for them.</summary>
    public static Task<StripePortalSession> CreatePortalSession(
        this StripeClient stripe, string customerId, string returnUrl, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripePortalSession>("v1/billing_portal/sessions", [new("customer", customerId), new("return_url", returnUrl)], idempotencyKey, stop);
}

/// <summary>Stripe's <c>billing_portal.session</c>, as far as we read it.</summary>
public sealed record StripePortalSession
{
    public required string Id { get; init; }
    public required string Url { get; init; }
}
