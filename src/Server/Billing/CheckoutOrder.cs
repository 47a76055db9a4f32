using Ledgerline.Kernel;

namespace Ledgerline.Billing;

/// <summary>What an account ordered, and what has become of it. Money in minor units.</summary>
internal sealed record CheckoutOrder
{
    public AccountId AccountId { get; init; }
    public required string Id { get; init; }
    public required string PackageId { get; init; }

    /// <summary>Whole credits.</summary>
    public long Credits { get; init; }

    public long PriceMinor { get; init; }
    public required string Currency { get; init; }
    public required string Status { get; init; }
    public string? SessionId { get; init; }
    public string? PaymentIntentId { get; init; }
    public long RefundedMinor { get; init; }
    public long DisputedMinor { get; init; }
    public string? Problem { get; init; }
    public DateTimeOffset? ReviewAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? GrantedAt { get; init; }

    /// <summary>What goes to Stripe and comes back with the session; compared, never believed.</summary>
    public IReadOnlyDictionary<string, string> Metadata => new Dictionary<string, string>
    {
        ["user_id"] = AccountId.ToString(),
        ["package_id"] = PackageId,
        ["credits"] = Credits.ToString(System.Globalization.CultureInfo.InvariantCulture),
        ["order_id"] = Id,
    };
}

/// <summary>The words of <see cref="CheckoutOrder.Status"/>.</summary>
internal static class OrderStatus
{
    /// <summary>Written; Stripe has not answered.</summary>
    public const string Created = "created";

    /// <summary>The customer may pay.</summary>
    public const string Open = "open";

    /// <summary>Completed, the money is still on its way.</summary>
    public const string Pending = "pending";

    public const string Granted = "granted";

    /// <summary>Expired or not paid; if Stripe says otherwise later, Stripe is right.</summary>
    public const string Failed = "failed";

    /// <summary>Paid, but not as ordered: nothing is granted, a person has to look.</summary>
    public const string Refused = "refused";
}
