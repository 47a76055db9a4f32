using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>The trial and the counters of an account as they are stored.</summary>
internal sealed class AllowanceRow
{
    public const string Columns =
        """
        account_id, app_type, trial_calls, trial_used, trial_started_at, trial_ends_at, trial_long_calls, trial_extended_at, trial_closed_at, day_start,
        calls_today, week_start, calls_week, seconds_week, month_start, calls_month, seconds_month, calls_total, last_call_at
        """;

    public AccountId AccountId { get; init; }
    public required string AppType { get; init; }
    public int TrialCalls { get; init; }
    public int TrialUsed { get; init; }
    public DateTimeOffset TrialStartedAt { get; init; }
    public DateTimeOffset TrialEndsAt { get; init; }
    public int TrialLongCalls { get; init; }
    public DateTimeOffset? TrialExtendedAt { get; init; }
    public DateTimeOffset? TrialClosedAt { get; init; }
    public DateTimeOffset DayStart { get; init; }
    public long CallsToday { get; init; }
    public DateTimeOffset WeekStart { get; init; }
    public long CallsWeek { get; init; }
    public long SecondsWeek { get; init; }
    public DateTimeOffset MonthStart { get; init; }
    public long CallsMonth { get; init; }
    public long SecondsMonth { get; init; }
    public long CallsTotal { get; init; }
    public DateTimeOffset? LastCallAt { get; init; }

    public AllowanceState State => new(
        AccountId,
        AppType,
        new TrialState(TrialCalls, TrialUsed, TrialStartedAt, TrialEndsAt, TrialLongCalls, TrialExtendedAt, TrialClosedAt),
        new CallCounts(DayStart, CallsToday, WeekStart, CallsWeek, SecondsWeek, MonthStart, CallsMonth, SecondsMonth, CallsTotal, LastCallAt));
}

/// <summary>The same, to be written.</summary>
internal readonly record struct NewAllowanceRow(
    AccountId AccountId, string AppType, int TrialCalls, int TrialUsed, DateTimeOffset TrialStartedAt, DateTimeOffset TrialEndsAt, int TrialLongCalls,
    DateTimeOffset? TrialExtendedAt, DateTimeOffset? TrialClosedAt, DateTimeOffset DayStart, long CallsToday, DateTimeOffset WeekStart, long CallsWeek,
    long SecondsWeek, DateTimeOffset MonthStart, long CallsMonth, long SecondsMonth, long CallsTotal, DateTimeOffset? LastCallAt)
{
    public static NewAllowanceRow Of(AllowanceState state) => new(
        state.Account, state.AppType, state.Trial.Calls, state.Trial.Used, state.Trial.StartedAt, state.Trial.EndsAt, state.Trial.LongCalls,
        state.Trial.ExtendedAt, state.Trial.ClosedAt, state.Calls.DayStart, state.Calls.Today, state.Calls.WeekStart, state.Calls.Week, state.Calls.WeekSeconds,
        state.Calls.MonthStart, state.Calls.Month, state.Calls.MonthSeconds, state.Calls.Total, state.Calls.LastAt);
}

/// <summary>Bought calls as they are stored.</summary>
internal sealed class AddOnRow
{
    public AccountId AccountId { get; init; }
    public required string Id { get; init; }
    public int Calls { get; init; }
    public int Used { get; init; }
    public DateTimeOffset BoughtAt { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset? RevokedAt { get; init; }

    public AddOnLot Lot => new(Id, Calls, Used, BoughtAt, ExpiresAt, RevokedAt);
}

/// <summary>How much of a quota is used, as it is stored.</summary>
internal sealed class QuotaRow
{
    public AccountId AccountId { get; init; }
    public required string Quota { get; init; }
    public DateTimeOffset PeriodStart { get; init; }
    public long Used { get; init; }
}

/// <summary>An attempt as it is stored.</summary>
internal sealed class ReservationRow
{
    public const string Columns =
        """
        account_id, id, service, funding, status, duration_limit, units, is_counted, quota, period_start, addon_id, state, seconds, expires_at, created_at, ended_at,
        plan_id, plan_version
        """;

    public AccountId AccountId { get; init; }
    public required string Id { get; init; }
    public required string Service { get; init; }
    public required string Funding { get; init; }
    public required string Status { get; init; }
    public int? DurationLimit { get; init; }
    public long Units { get; init; }
    public bool IsCounted { get; init; }
    public string? Quota { get; init; }
    public DateTimeOffset? PeriodStart { get; init; }
    public string? AddonId { get; init; }
    public required string State { get; init; }
    public long? Seconds { get; init; }
    public DateTimeOffset ExpiresAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public string? PlanId { get; init; }
    public int? PlanVersion { get; init; }

    public PlanTerms? Terms => PlanId is null ? null : new PlanTerms(PlanId, PlanVersion!.Value);

    public Reservation Reservation => new(
        Id, Service, Funding, Status, DurationLimit, Units, IsCounted, Quota is null ? null : new QuotaPeriod(Quota, PeriodStart!.Value), AddonId, State, Seconds,
        ExpiresAt, CreatedAt, EndedAt)
    {
        Terms = Terms,
    };
}

/// <summary>The same, to be written.</summary>
internal readonly record struct NewReservationRow(
    AccountId AccountId, string Id, string Service, string Funding, string Status, int? DurationLimit, long Units, int IsCounted, string? Quota,
    DateTimeOffset? PeriodStart, string? AddonId, string State, long? Seconds, DateTimeOffset ExpiresAt, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt,
    string? PlanId, int? PlanVersion)
{
    public static NewReservationRow Of(AccountId account, Reservation one) => new(
        account, one.Key, one.Service, one.Funding, one.Status, one.DurationLimit, one.Units, one.IsCounted ? 1 : 0, one.Quota?.Quota, one.Quota?.Start,
        one.AddOnId, one.State, one.Seconds, one.ExpiresAt, one.CreatedAt, one.EndedAt, one.Terms?.PlanId, one.Terms?.Version);
}

/// <summary>News of a plan as they are stored.</summary>
internal sealed class EntitlementRow
{
    public const string Columns =
        """
        account_id, product, plan_id, plan_version, source, source_id, status, period_start, period_end, cancel_at_period_end, past_due_since, ends_at
        """;

    public AccountId AccountId { get; init; }
    public required string Product { get; init; }
    public required string PlanId { get; init; }
    public int PlanVersion { get; init; }
    public required string Source { get; init; }
    public required string SourceId { get; init; }
    public required string Status { get; init; }
    public DateTimeOffset PeriodStart { get; init; }
    public DateTimeOffset PeriodEnd { get; init; }
    public bool CancelAtPeriodEnd { get; init; }
    public DateTimeOffset? PastDueSince { get; init; }
    public DateTimeOffset? EndsAt { get; init; }

    public EntitlementFacts Facts => new(
        AccountId, Product, PlanId, PlanVersion, Source, SourceId, Status, PeriodStart, PeriodEnd, CancelAtPeriodEnd, PastDueSince, EndsAt);
}
