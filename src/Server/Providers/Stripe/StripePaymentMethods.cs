using System.Text.Json;

namespace Ledgerline.Providers.Stripe;

/// <summary>The cards that a customer has saved.</summary>
public static class StripePaymentMethods
{
    /// <summary>The newest first, a hundred at most.</summary>
    public static async Task<IReadOnlyList<StripePaymentMethod>> CardsOf(this StripeClient stripe, string customerId, CancellationToken stop) =>
        (await stripe.Get<StripeList<StripePaymentMethod>>($"{Customer(customerId)}/payment_methods?type=card&limit=100", stop)).Data;

    /// <summary>One payment method of this customer's; Stripe says <c>resource_missing</c> of what is another's or nobody's.</summary>
    public static Task<StripePaymentMethod> PaymentMethodOf(this StripeClient stripe, string customerId, string id, CancellationToken stop) =>
        stripe.Get<StripePaymentMethod>($"{Customer(customerId)}/payment_methods/{Uri.EscapeDataString(id)}", stop);

    /// <summary>The one that invoices are paid with unless a subscription has its own; null for none.</summary>
    public static async Task<string?> DefaultPaymentMethodOf(this StripeClient stripe, string customerId, CancellationToken stop) =>
        (await stripe.Get<StripePayer>(Customer(customerId), stop)).DefaultPaymentMethod;

    /// <summary>Pays invoices with this one from now on.</summary>
    public static Task<StripePayer> PayWith(this StripeClient stripe, string customerId, string paymentMethodId, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripePayer>(Customer(customerId), [new("invoice_settings[default_payment_method]", paymentMethodId)], idempotencyKey, stop);

    /// <summary>Saves it with the customer.</summary>
    public static Task<StripePaymentMethod> AttachPaymentMethod(
        this StripeClient stripe, string paymentMethodId, string customerId, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripePaymentMethod>(
            $"v1/payment_methods/{Uri.EscapeDataString(paymentMethodId)}/attach", [new("customer", customerId)], idempotencyKey, stop);

    /// <summary>Takes it from its customer, for good.</summary>
    public static Task<StripePaymentMethod> DetachPaymentMethod(this StripeClient stripe, string id, string idempotencyKey, CancellationToken stop) =>
        stripe.Post<StripePaymentMethod>($"v1/payment_methods/{Uri.EscapeDataString(id)}/detach", [], idempotencyKey, stop);

    private static string Customer(string id) => $"v1/customers/{Uri.EscapeDataString(id)}";
}

/// <summary>Stripe's <c>payment_method</c>, as far as we read it.</summary>
public sealed record StripePaymentMethod
{
    public required string Id { get; init; }

    /// <summary>Null for what is no card.</summary>
    public StripeCard? Card { get; init; }
}

/// <summary>What may be shown of a card.</summary>
public sealed record StripeCard
{
    /// <summary><c>visa</c>, <c>mastercard</c>, …</summary>
    public string? Brand { get; init; }

    public string? Last4 { get; init; }
    public int ExpMonth { get; init; }
    public int ExpYear { get; init; }
}

/// <summary>Stripe's <c>customer</c>, as far as paying needs it.</summary>
public sealed record StripePayer
{
    public required string Id { get; init; }
    public JsonElement InvoiceSettings { get; init; }

    internal string? DefaultPaymentMethod => InvoiceSettings.Id("default_payment_method");
}
