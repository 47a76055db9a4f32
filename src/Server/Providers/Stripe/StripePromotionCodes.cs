namespace Ledgerline.Providers.Stripe;

/// <summary>The codes customers type in for a discount.</summary>
public static class StripePromotionCodes
{
    /// <summary>One of this text; null when there is none.</summary>
    /// <param name="stripe">Stripe.</param>
    /// <param name="code">As it was typed in.</param>
    /// <param name="active">One that can be used, else one that cannot any more.</param>
    public static async Task<StripePromotionCode?> PromotionCode(this StripeClient stripe, string code, bool active, CancellationToken stop)
    {
        var path = $"v1/promotion_codes?active={(active ? "true" : "false")}&code={Uri.EscapeDataString(code)}&limit=1";
        return (await stripe.Get<StripeList<StripePromotionCode>>(path, stop)).Data is [var found, ..] ? found : null;
    }
}

/// <summary>Stripe's <c>promotion_code</c>, as far as we read it.</summary>
public sealed record StripePromotionCode
{
    public required string Id { get; init; }
}
