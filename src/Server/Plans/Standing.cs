using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>An account's allowances at an instant: windows are rolled, nothing is reserved by looking.</summary>
/// <param name="AppType"><c>mobile_consumer</c> or <c>web_business</c>, as it registered.</param>
/// <param name="At">The instant.</param>
public sealed record Standing(AccountId Account, string AppType, DateTimeOffset At)
{
    public required TrialStanding Trial { get; init; }
    public required CallStanding Calls { get; init; }

    /// <summary>The newest news of each product, whether they give access or not.</summary>
    public required IReadOnlyList<HeldPlan> Plans { get; init; }

    public required IReadOnlyList<QuotaStanding> Quotas { get; init; }

    /// <summary>Bought calls that are left.</summary>
    public int AddOnCalls { get; init; }

    /// <summary>When the first of them ends.</summary>
    public DateTimeOffset? AddOnExpires { get; init; }

    /// <summary>How long transcripts are kept; null: for ever.</summary>
    public TimeSpan? TranscriptRetention { get; init; }

    /// <summary>The plan of this product that gives access now, else null.</summary>
    public HeldPlan? Active(string product) => Plans.FirstOrDefault(plan => plan.IsActive && plan.Plan.Product == product);

    /// <summary>The plan that calls are made with: one that counts calls, else one that counts minutes.</summary>
    public HeldPlan? CallPlan => Active(PlanProduct.Calls) ?? Active(PlanProduct.VoiceFeatures);

    public bool IsSubscribed => CallPlan is not null;

    /// <summary>The plan's id, else <c>mobile_free_trial</c> or <c>business_free_trial</c>.</summary>
    public string Tier => CallPlan?.Plan.Id ?? (AppType == Identity.Platform.MobileConsumer ? "mobile_free_trial" : "business_free_trial");

    public bool UpgradeRecommended => !IsSubscribed && Trial.Remaining <= 1;

    /// <summary>Of the windows that the plan counts; in the trial the trial calls that are left; null where there is no such limit.</summary>
    public long? CallsRemainingThisWeek => CallPlan is { } held ? Left(held.Plan.WeeklyCalls, Calls.ThisWeek) : Trial.Remaining;

    /// <inheritdoc cref="CallsRemainingThisWeek"/>
    public long? CallsRemainingThisMonth => CallPlan is { } held ? Left(held.Plan.MonthlyCalls, Calls.ThisMonth) : Trial.Remaining;

    /// <summary>Null where the account's plan does not count minutes.</summary>
    public QuotaStanding? VoiceMinutes => Quotas.FirstOrDefault(quota => quota.Quota == QuotaName.VoiceMinutes);

    private static long? Left(long? limit, long used) => limit is { } most ? Math.Max(0, most - used) : null;
}

/// <param name="Calls">How many there were, an extension included.</param>
/// <param name="Remaining">None once the time is over or a subscription took the trial's place.</param>
/// <param name="EndsAt">The first instant after it.</param>
public sealed record TrialStanding(
    bool IsActive, int Calls, int Used, int Remaining, DateTimeOffset StartedAt, DateTimeOffset EndsAt, DateTimeOffset? ExtendedAt);

/// <summary>Calls and their seconds in the windows that run now.</summary>
public sealed record CallStanding(
    long Today, DateTimeOffset WeekStart, long ThisWeek, long SecondsThisWeek, DateTimeOffset MonthStart, long ThisMonth, long SecondsThisMonth, long Total);

/// <summary>A plan as an account has it.</summary>
/// <param name="IsActive">It gives access now, grace included.</param>
/// <param name="AccessUntil">Null for as long as the store says so.</param>
public sealed record HeldPlan(EntitlementFacts Facts, Plan Plan, bool IsActive, DateTimeOffset? AccessUntil);

/// <summary>What is used of a quota in the period that runs now.</summary>
/// <param name="Quota">One of <see cref="QuotaName"/>.</param>
/// <param name="Limit">Null: none.</param>
/// <param name="PeriodEnd">Null for what has no period.</param>
public sealed record QuotaStanding(string Quota, long Used, long? Limit, DateTimeOffset PeriodStart, DateTimeOffset? PeriodEnd)
{
    public long? Left => Limit is { } most ? Math.Max(0, most - Used) : null;
}

/// <summary>What plans set quotas for.</summary>
public static class QuotaName
{
    public const string VoiceMinutes = PlanFeatures.VoiceMinutes;
    public const string SmsMessages = PlanFeatures.SmsMessages;
    public const string CustomScenarios = PlanFeatures.CustomScenarios;
    public const string ChatMessages = "chat_messages";
}
