using System.Text.Json.Serialization;

namespace Ledgerline.Providers.Stripe;

/// <summary>Stripe's <c>checkout.session</c>, as far as we read it; amounts in the currency's minor units.</summary>
public sealed record StripeCheckoutSession
{
    public required string Id { get; init; }

    /// <summary>Where the customer pays; null once that is over.</summary>
    public string? Url { get; init; }

    public string? Mode { get; init; }

    /// <summary><c>open</c>, <c>complete</c> or <c>expired</c>.</summary>
    public string? Status { get; init; }

    /// <summary><c>paid</c>, <c>unpaid</c> or <c>no_payment_required</c>.</summary>
    public required string PaymentStatus { get; init; }

    /// <summary>Before discounts and taxes.</summary>
    public long? AmountSubtotal { get; init; }

    /// <summary>What is paid.</summary>
    public long? AmountTotal { get; init; }

    public string? Currency { get; init; }
    public string? ClientReferenceId { get; init; }
    public Dictionary<string, string>? Metadata { get; init; }

    /// <summary>Null before the customer pays, and when there is nothing to pay.</summary>
    [JsonConverter(typeof(ExpandableId))]
    public string? PaymentIntent { get; init; }

    [JsonIgnore]
    public bool IsPaid => PaymentStatus is "paid" or "no_payment_required";
}

/// <summary>A page of a list of Stripe's.</summary>
public sealed record StripeList<T>
{
    public required IReadOnlyList<T> Data { get; init; }
    public bool HasMore { get; init; }
}
