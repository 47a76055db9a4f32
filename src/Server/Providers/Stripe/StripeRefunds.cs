using System.Text.Json.Serialization;

namespace Ledgerline.Providers.Stripe;

/// <summary>Money that went back to customers.</summary>
public static class StripeRefunds
{
    /// <summary>Every refund of a payment as it stands now.</summary>
    public static async Task<IReadOnlyList<StripeRefund>> RefundsOf(this StripeClient stripe, string paymentIntentId, CancellationToken stop)
    {
        List<StripeRefund> refunds = [];
        StripeList<StripeRefund> page;
        do
        {
            var after = refunds.Count > 0 ? $"&starting_after={Uri.EscapeDataString(refunds[^1].Id)}" : "";
            page = await stripe.Get<StripeList<StripeRefund>>($"v1/refunds?payment_intent={Uri.EscapeDataString(paymentIntentId)}&limit=100{after}", stop);
            refunds.AddRange(page.Data);
        }
        while (page.HasMore && page.Data.Count > 0);
        return refunds;
    }

    public static Task<StripeCharge> Charge(this StripeClient stripe, string id, CancellationToken stop) =>
        stripe.Get<StripeCharge>($"v1/charges/{Uri.EscapeDataString(id)}", stop);
}

/// <summary>Stripe's <c>refund</c>, as far as we read it.</summary>
public sealed record StripeRefund
{
    public required string Id { get; init; }
    public required long Amount { get; init; }
    public required string Currency { get; init; }

    /// <summary>An open word: <c>pending</c>, <c>requires_action</c>, <c>succeeded</c>, <c>failed</c>, <c>canceled</c>, …</summary>
    public string? Status { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? Charge { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? PaymentIntent { get; init; }

    /// <summary>The money is gone or going; a refund that failed or was cancelled has come back.</summary>
    [JsonIgnore]
    public bool Counts => Status is not ("failed" or "canceled");
}

/// <summary>Stripe's <c>charge</c>, as far as we read it.</summary>
public sealed record StripeCharge
{
    public required string Id { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? PaymentIntent { get; init; }
}
