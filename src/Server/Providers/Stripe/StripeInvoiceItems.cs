using System.Globalization;

namespace Ledgerline.Providers.Stripe;

/// <summary>Amounts that stand on a customer's next invoice.</summary>
public static class StripeInvoiceItems
{
    public static Task<StripeInvoiceItem> CreateInvoiceItem(this StripeClient stripe, NewInvoiceItem item, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripeInvoiceItem>(
            "v1/invoiceitems",
            [
                new("customer", item.CustomerId),
                .. item.SubscriptionId is { } subscription ? [KeyValuePair.Create("subscription", subscription)] : Array.Empty<KeyValuePair<string, string>>(),
                new("amount", item.AmountMinor.ToString(CultureInfo.InvariantCulture)),
                new("currency", item.Currency),
                new("description", item.Description),
                .. item.Metadata.Select(pair => KeyValuePair.Create($"metadata[{pair.Key}]", pair.Value)),
            ],
            idempotencyKey,
            stop);

    /// <summary>Every one of a customer, on an invoice already or not.</summary>
    public static Task<IReadOnlyList<StripeInvoiceItem>> InvoiceItemsOf(this StripeClient stripe, string customerId, CancellationToken stop) =>
        stripe.All<StripeInvoiceItem>($"v1/invoiceitems?customer={Uri.EscapeDataString(customerId)}", item => item.Id, stop);
}

/// <param name="SubscriptionId">On whose next invoice it stands; null for the customer's next one.</param>
public sealed record NewInvoiceItem(
    string CustomerId, string? SubscriptionId, long AmountMinor, string Currency, string Description, IReadOnlyDictionary<string, string> Metadata);

/// <summary>Stripe's <c>invoiceitem</c>, as far as we read it.</summary>
public sealed record StripeInvoiceItem
{
    public required string Id { get; init; }
    public Dictionary<string, string>? Metadata { get; init; }
}
