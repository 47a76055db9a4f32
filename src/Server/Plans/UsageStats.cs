using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>An account's allowances as clients decode them; every number is there in every state.</summary>
/// <param name="CallsRemainingThisWeek">In the trial the trial calls that are left; null where the tier has no such limit.</param>
/// <param name="IsSubscribed">True for every plan that gives access, grace included.</param>
/// <param name="Pricing">By platform.</param>
public sealed record UsageStats(
    string AppType, bool IsTrialActive, long TrialCallsRemaining, long TrialCallsUsed, long CallsMadeToday, long CallsMadeThisWeek, long CallsMadeThisMonth,
    long CallsMadeTotal, bool IsSubscribed, string SubscriptionTier, bool UpgradeRecommended, long TotalCallDurationThisWeek, long TotalCallDurationThisMonth,
    long AddonCallsRemaining, string? AddonCallsExpiry, string WeekStartDate, string MonthStartDate, string TrialEndDate, long? WeeklyCallLimit,
    long? MonthlyCallLimit, long? CallsRemainingThisWeek, long? CallsRemainingThisMonth, string? SubscriptionEndDate, string? BillingCycle,
    string? NextPaymentDate, IReadOnlyDictionary<string, PriceTag> Pricing)
{
    public static UsageStats Of(Standing standing, IReadOnlyDictionary<string, PriceTag> pricing)
    {
        var (calls, held) = (standing.Calls, standing.CallPlan);
        return new UsageStats(
            standing.AppType,
            standing.Trial.IsActive,
            standing.Trial.Remaining,
            standing.Trial.Used,
            calls.Today,
            calls.ThisWeek,
            calls.ThisMonth,
            calls.Total,
            standing.IsSubscribed,
            standing.Tier,
            standing.UpgradeRecommended,
            calls.SecondsThisWeek,
            calls.SecondsThisMonth,
            standing.AddOnCalls,
            standing.AddOnExpires?.Iso(),
            calls.WeekStart.Iso(),
            calls.MonthStart.Iso(),
            standing.Trial.EndsAt.Iso(),
            held?.Plan.WeeklyCalls,
            held?.Plan.MonthlyCalls,
            standing.CallsRemainingThisWeek,
            standing.CallsRemainingThisMonth,
            (held?.AccessUntil ?? held?.Facts.PeriodEnd)?.Iso(),
            held?.Plan.Type switch { null => null, PlanType.Usage => PlanType.Monthly, var type => type },
            held is { Facts: { CancelAtPeriodEnd: false, Status: EntitlementStatus.Active or EntitlementStatus.Trialing or EntitlementStatus.PastDue } facts }
                ? facts.PeriodEnd.Iso()
                : null,
            pricing);
    }
}
