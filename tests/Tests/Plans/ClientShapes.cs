using System.Text.Json;

namespace Tests.Plans;

/// <summary>
/// The structures into which the unchanged phone app decodes, as strictly as it does: what is not nullable must be there and of its
/// type, or the app takes the answer for a failure and sends the request again.
/// </summary>
internal static class ClientShapes
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public static T Decode<T>(string text) => JsonSerializer.Deserialize<T>(text, Options)!;

    /// <summary>What the app and its earlier build need of <c>usage-stats</c>, and what the contract says is never null.</summary>
    internal sealed record UsageStats(
        string AppType, bool IsTrialActive, int TrialCallsRemaining, int TrialCallsUsed, int CallsMadeToday, int CallsMadeThisWeek, int CallsMadeThisMonth,
        int CallsMadeTotal, bool IsSubscribed, bool UpgradeRecommended, int AddonCallsRemaining, int TotalCallDurationThisWeek, int TotalCallDurationThisMonth)
    {
        public string? SubscriptionTier { get; init; }
        public string? AddonCallsExpiry { get; init; }
        public string? WeekStartDate { get; init; }
        public string? MonthStartDate { get; init; }
        public string? TrialEndDate { get; init; }
        public int? WeeklyCallLimit { get; init; }
        public int? MonthlyCallLimit { get; init; }
        public int? CallsRemainingThisWeek { get; init; }
        public int? CallsRemainingThisMonth { get; init; }
        public string? SubscriptionEndDate { get; init; }
        public string? BillingCycle { get; init; }
        public string? NextPaymentDate { get; init; }
        public OldPricing? Pricing { get; init; }
    }

    internal sealed record OldPricing(PriceTag? WeeklyPlan = null);

    internal sealed record PriceTag(string Price, string Billing, string[] Features);

    internal sealed record Permission(bool CanMakeCall, string Status, Details Details);

    internal sealed record Details
    {
        public int? CallsRemainingThisWeek { get; init; }
        public int? CallsRemainingThisMonth { get; init; }
        public int? CallsRemaining { get; init; }
        public int? DurationLimit { get; init; }
        public string? AppType { get; init; }
        public string? Message { get; init; }
        public string? TrialEnds { get; init; }
        public string? ResetsOn { get; init; }
        public Option[]? UpgradeOptions { get; init; }
    }

    internal sealed record Option(string Plan, string Price, string Calls, string ProductId);

    /// <summary>A 402 as both builds decode it.</summary>
    internal sealed record PaymentRequired(PaymentDetail Detail);

    internal sealed record PaymentDetail(string Error, string Message)
    {
        public Option[]? UpgradeOptions { get; init; }
        public string? Timestamp { get; init; }
        public string? UpgradeUrl { get; init; }
        public OldPricing? Pricing { get; init; }
    }

    internal sealed record MobilePricing(MobilePlan[] Plans, MobileAddOn Addon, PriceTag? WeeklyPlan = null);

    internal sealed record MobilePlan(string Id, string Name, string Price, string Billing, string Calls, string DurationLimit, string[] Features);

    internal sealed record MobileAddOn(string Id, string Name, string Price, string Calls, string Expires, string Description);

    /// <summary>Texts with these words are misread as faults.</summary>
    public static readonly string[] Misread = ["server", "500", "network", "authentication", "unauthorized"];

    /// <summary>One of these opens the app's upgrade screen.</summary>
    public static bool OpensUpgrade(string message) =>
        message.Contains("trial calls", StringComparison.OrdinalIgnoreCase) || message.Contains("subscribe", StringComparison.OrdinalIgnoreCase);
}
