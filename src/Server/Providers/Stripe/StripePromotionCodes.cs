namespace Ledgerline.Providers.Stripe;

/// <summary>The codes customers type in for a discount.</summary>
public static class StripePromotionCodes
{
    /// <summary>The active one of this text; null when there is none.</summary>
    public static async Task<StripePromotionCode?> PromotionCode(this StripeClient stripe, string code, CancellationToken stop)
    {
        var path = $"v1/promotion_codes?active=true&code={Uri.EscapeDataString(code)}&limit=1";
        return (await stripe.Get<StripeList<StripePromotionCode>>(path, stop)).Data is [var found, ..] ? found : null;
    }
}

/// <summary>Stripe's <c>promotion_code</c>, as far as we read it.</summary>
public sealed record StripePromotionCode
{
    public required string Id { get; init; }
}
