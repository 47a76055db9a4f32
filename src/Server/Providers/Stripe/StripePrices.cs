using System.Globalization;
using System.Text.Json.Serialization;

namespace Ledgerline.Providers.Stripe;

/// <summary>What is sold again and again: products and their prices. A price never changes; a new one takes its lookup key over.</summary>
public static class StripePrices
{
    /// <param name="stripe">Stripe.</param>
    /// <param name="product">With an id of ours, so that it exists once.</param>
    public static Task<StripeProduct> CreateProduct(this StripeClient stripe, StripeProduct product, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeProduct>(
            "v1/products", new StripeForm().With("id", product.Id).With("name", product.Name).WithMetadata(product.Metadata ?? []), idempotencyKey, stop);

    public static Task<StripeProduct> RenameProduct(this StripeClient stripe, string id, string name, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeProduct>($"v1/products/{Uri.EscapeDataString(id)}", new StripeForm().With("name", name), idempotencyKey, stop);

    public static Task<StripeProduct> Product(this StripeClient stripe, string id, CancellationToken stop) =>
        stripe.Get<StripeProduct>($"v1/products/{Uri.EscapeDataString(id)}", stop);

    public static Task<StripePrice> CreatePrice(this StripeClient stripe, PriceRequest request, string idempotencyKey, CancellationToken stop)
    {
        var whole = decimal.Truncate(request.UnitAmount) == request.UnitAmount;
        var form = new StripeForm()
            .With("product", request.ProductId)
            .With("currency", request.Currency)
            .With("unit_amount", whole ? (long)request.UnitAmount : null)
            .With("unit_amount_decimal", whole ? null : request.UnitAmount.ToString(CultureInfo.InvariantCulture))
            .With("recurring[interval]", request.Interval)
            .With("recurring[usage_type]", request.MeterId is null ? null : "metered")
            .With("recurring[meter]", request.MeterId)
            .With("lookup_key", request.LookupKey)
            .With("transfer_lookup_key", true)
            .WithMetadata(request.Metadata);
        return stripe.Post<StripePrice>("v1/prices", form, idempotencyKey, stop);
    }

    public static Task<StripePrice> Price(this StripeClient stripe, string id, CancellationToken stop) =>
        stripe.Get<StripePrice>($"v1/prices/{Uri.EscapeDataString(id)}", stop);

    /// <summary>The active price that has this lookup key; null when none has.</summary>
    public static async Task<StripePrice?> PriceOf(this StripeClient stripe, string lookupKey, CancellationToken stop)
    {
        var path = $"v1/prices?active=true&lookup_keys[]={Uri.EscapeDataString(lookupKey)}&limit=1";
        return (await stripe.Get<StripeList<StripePrice>>(path, stop)).Data is [var price, ..] ? price : null;
    }
}

/// <param name="UnitAmount">In the currency's minor units; may have decimals where something is metered.</param>
/// <param name="Interval"><c>week</c>, <c>month</c> or <c>year</c>.</param>
/// <param name="MeterId">What counts; null when the price is for the period.</param>
/// <param name="LookupKey">Taken over from the price that has it now.</param>
public sealed record PriceRequest(
    string ProductId, decimal UnitAmount, string Currency, string Interval, string? MeterId, string LookupKey, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Stripe's <c>product</c>, as far as we read it.</summary>
public sealed record StripeProduct
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public Dictionary<string, string>? Metadata { get; init; }
}

/// <summary>Stripe's <c>price</c>, as far as we read it.</summary>
public sealed record StripePrice
{
    public required string Id { get; init; }
    public string? Currency { get; init; }
    public bool Active { get; init; }
    public string? LookupKey { get; init; }

    /// <summary>In minor units; null where it has decimals.</summary>
    public long? UnitAmount { get; init; }

    public string? UnitAmountDecimal { get; init; }
    public StripeRecurring? Recurring { get; init; }

    [JsonConverter(typeof(ExpandableId))]
    public string? Product { get; init; }

    /// <summary>The exact unit amount in minor units; null when there is none.</summary>
    [JsonIgnore]
    public decimal? Amount => UnitAmount is { } whole ? whole
        : decimal.TryParse(UnitAmountDecimal, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) ? amount
        : null;
}

/// <summary>How often a price is due.</summary>
public sealed record StripeRecurring
{
    public string? Interval { get; init; }
    public int? IntervalCount { get; init; }
    public string? Meter { get; init; }

    /// <summary><c>licensed</c> or <c>metered</c>.</summary>
    public string? UsageType { get; init; }
}
