namespace Ledgerline.Plans;

/// <summary>May the account do this now, from what, until when; and if not, why.</summary>
/// <param name="Status">One of <see cref="AllowanceStatus"/>.</param>
/// <param name="Standing">The account's allowances: after a reservation with it in them, else as they are.</param>
public sealed record Verdict(bool IsAllowed, string Status, string Service, Standing Standing)
{
    /// <summary>One of <see cref="Plans.Funding"/>; null when refused.</summary>
    public string? Funding { get; init; }

    /// <summary>Of a call: it must end after so many seconds.</summary>
    public int? DurationLimitSeconds { get; init; }

    /// <summary>When a used-up limit begins anew by itself.</summary>
    public DateTimeOffset? ResetsOn { get; init; }

    /// <summary>The limit that is used up.</summary>
    public long? Limit { get; init; }

    /// <summary>The plan that allows it, or whose limit refuses it.</summary>
    public Plan? Plan { get; init; }
}

/// <summary>Out of what something is done.</summary>
public static class Funding
{
    public const string Trial = "trial";
    public const string PlanCalls = "plan_calls";
    public const string PlanMinutes = "plan_minutes";
    public const string AddOn = "addon";
    public const string PayAsYouGo = "pay_as_you_go";

    /// <summary>The credit wallet; decided by the meter, counted here.</summary>
    public const string Credits = "credits";

    /// <summary>A plan's quota of something else than calls, or what everybody has.</summary>
    public const string Quota = "quota";
}

/// <summary>The words of permissions and refusals, as clients know them.</summary>
public static class AllowanceStatus
{
    public const string TrialCallAvailable = "trial_call_available";
    public const string BasicCallAvailable = "basic_call_available";
    public const string PremiumCallAvailable = "premium_call_available";
    public const string AddOnCallAvailable = "addon_call_available";
    public const string SubscriptionActive = "subscription_active";

    /// <summary>Something else than a call, within its quota.</summary>
    public const string QuotaAvailable = "quota_available";

    /// <summary>A call that the credit wallet pays.</summary>
    public const string CreditsAvailable = "credits_available";

    public const string TrialExhausted = "trial_exhausted";
    public const string UpgradeRequired = "upgrade_required";
    public const string WeeklyLimitReached = "weekly_limit_reached";
    public const string MonthlyLimitReached = "monthly_limit_reached";
    public const string PremiumRequired = "premium_required";
    public const string DailyLimitReached = "daily_limit_reached";

    /// <summary>As many as there may be at a time; deleting one makes room.</summary>
    public const string LimitReached = "limit_reached";
}
