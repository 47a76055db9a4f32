using System.Text.Json.Serialization;

namespace Ledgerline.Providers.Stripe;

/// <summary>Stripe's <c>dispute</c>, as events bring it: a customer's bank wants the money back.</summary>
public sealed record StripeDispute
{
    public required string Id { get; init; }

    /// <summary>In the currency's minor units; may be a part of the charge.</summary>
    public required long Amount { get; init; }

    public required string Currency { get; init; }

    /// <summary>An open word; an inquiry's begins with <c>warning_</c>.</summary>
    public required string Status { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? Charge { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? PaymentIntent { get; init; }
}
