using System.Globalization;
using System.Text.Json;
using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>A version of what can be subscribed to. It never changes: a change makes a new version, and who subscribed keeps theirs.</summary>
/// <param name="Id">Letters, digits and underscores: <c>business_basic</c>.</param>
/// <param name="Type">One of <see cref="PlanType"/>.</param>
/// <param name="Product">One of <see cref="PlanProduct"/>: an account has one plan of each.</param>
/// <param name="Price">For one period; null for what is billed by use, and for what is free.</param>
/// <param name="Features">A JSON object: what the plan promises.</param>
/// <param name="Pricing">A JSON object as the operator gave it; unit prices of what is billed by use.</param>
/// <param name="IsCore">Cannot be deleted in production.</param>
/// <param name="IsArchived">Not offered any more; who has it keeps it. Of the plan, not of the version.</param>
/// <param name="TrialDays">Days before the first payment.</param>
public sealed record Plan(
    string Id, int Version, string Name, string Type, string Product, Money? Price, JsonElement Features, JsonElement? Pricing, bool IsCore,
    bool IsArchived, int TrialDays)
{
    /// <summary>Where it is sold: one of <see cref="PlanStore"/>.</summary>
    public string Store { get; init; } = PlanStore.Stripe;

    /// <summary>The unit price of a message that a model answered; a plan need not have one.</summary>
    public const string ChatPerMessage = "chat_per_message";

    /// <summary>Calls in each window of seven days; null: the plan sets no such limit.</summary>
    public long? WeeklyCalls => PlanFeatures.Count(Features, PlanFeatures.WeeklyCalls);

    /// <summary>Calls in each window of thirty days; null: the plan sets no such limit.</summary>
    public long? MonthlyCalls => PlanFeatures.Count(Features, PlanFeatures.MonthlyCalls);

    /// <summary>What is used is billed by the unit.</summary>
    public bool IsUsageBased => Type == PlanType.Usage;

    /// <summary>US dollars a unit, as <see cref="Pricing"/> names it; null where the operator gave none.</summary>
    public decimal? UnitPrice(string name) => Pricing is not { ValueKind: JsonValueKind.Object } pricing || !pricing.TryGetProperty(name, out var price) ? null
        : price.ValueKind switch
        {
            JsonValueKind.Number when price.TryGetDecimal(out var number) => number,
            JsonValueKind.String when decimal.TryParse(price.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var text) => text,
            _ => null,
        };
}

/// <summary>The version of a plan by whose prices something is billed.</summary>
public sealed record PlanTerms(string PlanId, int Version);

/// <summary>What a plan is a plan of. An account has at most one plan of each product.</summary>
public static class PlanProduct
{
    /// <summary>Phone calls, counted.</summary>
    public const string Calls = "calls";

    /// <summary>Voice minutes, messages, scenarios, transcripts.</summary>
    public const string VoiceFeatures = "voice_features";

    /// <summary>Chatrooms without a daily limit.</summary>
    public const string ChatPro = "chat_pro";

    public static readonly IReadOnlyList<string> All = [Calls, VoiceFeatures, ChatPro];
}

/// <summary>How often a plan is paid.</summary>
public static class PlanType
{
    public const string Monthly = "monthly";
    public const string Yearly = "yearly";
    public const string Weekly = "weekly";

    /// <summary>Monthly, for what was used.</summary>
    public const string Usage = "usage";

    /// <summary>What an operator can ask for: weekly plans are the App Store's and come with the product.</summary>
    public static readonly IReadOnlyList<string> Offered = [Monthly, Yearly, Usage];
}

/// <summary>Where a plan is sold.</summary>
public static class PlanStore
{
    public const string Stripe = "stripe";
    public const string AppStore = "app_store";
}
