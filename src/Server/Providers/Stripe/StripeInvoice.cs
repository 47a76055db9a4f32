using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerline.Providers.Stripe;

/// <summary>Stripe's <c>invoice</c>, as far as we read it, in the shapes before and after subscription and payments moved.</summary>
public sealed record StripeInvoice
{
    public required string Id { get; init; }

    /// <summary><c>draft</c>, <c>open</c>, <c>paid</c>, <c>uncollectible</c> or <c>void</c>.</summary>
    public string? Status { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? Customer { get; init; }

    public string? Currency { get; init; }
    public long AmountDue { get; init; }
    public long AmountPaid { get; init; }
    public long Total { get; init; }
    public long Subtotal { get; init; }
    public long StartingBalance { get; init; }
    public bool Attempted { get; init; }
    public string? BillingReason { get; init; }
    public string? HostedInvoiceUrl { get; init; }
    public StripeList<StripeInvoiceLine>? Lines { get; init; }
    public StripeList<StripeInvoicePayment>? Payments { get; init; }
    public StripeConfirmationSecret? ConfirmationSecret { get; init; }
    public StripeInvoiceTimes? StatusTransitions { get; init; }
    public StripeInvoiceParent? Parent { get; init; }

    /// <summary>Where the subscription stood before.</summary>
    [JsonConverter(typeof(ExpandableId))]
    public string? Subscription { get; init; }

    /// <summary>Where the payment stood before: missing, null, an id, or the payment itself.</summary>
    public JsonElement PaymentIntent { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? Created { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? NextPaymentAttempt { get; init; }

    /// <summary>Null for an invoice of something bought once.</summary>
    [JsonIgnore]
    public string? SubscriptionId => Parent?.SubscriptionDetails?.Subscription ?? Subscription;

    /// <summary>The payment that paid it, else the one that is to pay it; null when nothing had to be paid.</summary>
    [JsonIgnore]
    public string? PaymentIntentId => Payments?.Data.Select(one => (one.Status, Id: one.Payment?.PaymentIntent)).Where(one => one.Id is not null)
            .OrderBy(one => one.Status == "paid" ? 0 : 1).Select(one => one.Id).FirstOrDefault()
        ?? (PaymentIntent.ValueKind == JsonValueKind.String ? PaymentIntent.GetString() : PaymentIntent.Text("id"));

    /// <summary>What the customer confirms the payment with.</summary>
    [JsonIgnore]
    public string? ClientSecret => ConfirmationSecret?.ClientSecret ?? PaymentIntent.Text("client_secret");

    /// <summary>When the customer was asked for the money first.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueSince => StatusTransitions?.FinalizedAt ?? Created;

    [JsonIgnore]
    public bool IsPaid => Status == "paid";

    /// <summary>Money that should have come and did not.</summary>
    [JsonIgnore]
    public bool IsMissed => Status is "open" or "uncollectible" && AmountDue > AmountPaid;
}

/// <summary>One line of an invoice; amounts in the currency's minor units.</summary>
public sealed record StripeInvoiceLine
{
    public long Amount { get; init; }
    public string? Description { get; init; }
    public StripePeriod? Period { get; init; }
    public StripeLinePricing? Pricing { get; init; }
    public StripeLineParent? Parent { get; init; }

    /// <summary>Where the price stood before.</summary>
    [JsonConverter(typeof(ExpandableId))]
    public string? Price { get; init; }

    /// <summary>Where it stood before.</summary>
    public bool? Proration { get; init; }

    [JsonIgnore]
    public string? PriceId => Pricing?.PriceDetails?.Price ?? Price;

    /// <summary>For a part of a period, because something changed in it.</summary>
    [JsonIgnore]
    public bool IsProration => Parent?.SubscriptionItemDetails?.Proration ?? Parent?.InvoiceItemDetails?.Proration ?? Proration ?? false;
}

/// <summary>From, and up to but not including.</summary>
public sealed record StripePeriod
{
    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? Start { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? End { get; init; }
}

/// <summary>What a line's amount was made from.</summary>
public sealed record StripeLinePricing
{
    public StripePriceDetails? PriceDetails { get; init; }
}

/// <summary>The price within.</summary>
public sealed record StripePriceDetails
{
    [JsonConverter(typeof(ExpandableId))]
    public string? Price { get; init; }
}

/// <summary>Where a line comes from.</summary>
public sealed record StripeLineParent
{
    public StripeLineDetails? SubscriptionItemDetails { get; init; }
    public StripeLineDetails? InvoiceItemDetails { get; init; }
}

/// <summary>Of a line's origin.</summary>
public sealed record StripeLineDetails
{
    public bool? Proration { get; init; }
}

/// <summary>When an invoice became what it is.</summary>
public sealed record StripeInvoiceTimes
{
    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? FinalizedAt { get; init; }

    [JsonConverter(typeof(UnixSeconds))]
    public DateTimeOffset? PaidAt { get; init; }
}

/// <summary>What an invoice belongs to.</summary>
public sealed record StripeInvoiceParent
{
    public StripeSubscriptionDetails? SubscriptionDetails { get; init; }
}

/// <summary>The subscription within.</summary>
public sealed record StripeSubscriptionDetails
{
    [JsonConverter(typeof(ExpandableId))]
    public string? Subscription { get; init; }
}

/// <summary>Lets a browser confirm an invoice's payment.</summary>
public sealed record StripeConfirmationSecret
{
    public string? ClientSecret { get; init; }
}

/// <summary>A payment of an invoice.</summary>
public sealed record StripeInvoicePayment
{
    public required string Id { get; init; }

    /// <summary><c>open</c>, <c>paid</c> or <c>canceled</c>.</summary>
    public string? Status { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? Invoice { get; init; }

    public StripePaidBy? Payment { get; init; }
}

/// <summary>What an invoice is paid with.</summary>
public sealed record StripePaidBy
{
    [JsonConverter(typeof(ExpandableId))]
    public string? PaymentIntent { get; init; }
}
