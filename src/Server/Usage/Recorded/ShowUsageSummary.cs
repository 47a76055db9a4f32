using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Usage.Recorded;

/// <summary><c>GET /payments/usage-summary</c>: what was used in a month, and what it comes to.</summary>
internal static class ShowUsageSummary
{
    public const string Period = "billing_period";
    private const string Currency = "usd";
    private const int DaysOfWeekWindow = 7;
    private const int DaysOfMonthWindow = 30;

    /// <param name="UsageSummary">By service; one that was not used is missing.</param>
    /// <param name="TotalCost">In cents: the sum of the services' costs.</param>
    /// <param name="Allowances">Of the account's plan or trial, as they stand now; empty for a month that is over.</param>
    /// <param name="Refused">What was refused in the month for lack of an allowance.</param>
    public sealed record Answer(
        bool Success, string BillingPeriod, IReadOnlyDictionary<string, Line> UsageSummary, long TotalCost, string Currency, IReadOnlyList<Allowance> Allowances,
        IReadOnlyList<Refused> Refused);

    /// <param name="TotalCost">In cents, rounded half up once.</param>
    public sealed record Line(long TotalAmount, long TotalCost, string Unit, long Records);

    /// <param name="Name"><c>voice_minutes</c>, <c>weekly_calls</c>, <c>trial_calls</c>, …</param>
    /// <param name="Limit">Null: none.</param>
    /// <param name="PeriodEnd">Null for what has no period.</param>
    public sealed record Allowance(string Name, long Used, long? Limit, long? Remaining, string PeriodStart, string? PeriodEnd);

    /// <param name="Reason">As it was answered then: <c>weekly_limit_reached</c>.</param>
    public sealed record Refused(string Service, string Reason, long Count);

    public static async Task<Ok<Answer>> Handle(
        HttpRequest request, CurrentAccount caller, ServiceUsage usage, Entitlements entitlements, Refusals refusals, TimeProvider clock, CancellationToken stop)
    {
        var month = Month(request, clock);
        var sums = await usage.Sums(caller.Id, month, stop);
        return TypedResults.Ok(new Answer(
            true,
            month.ToString(),
            sums.ToDictionary(sum => sum.Service, sum => new Line(sum.Amount, sum.CostCents, sum.Unit, sum.Records)),
            sums.Sum(sum => sum.CostCents),
            Currency,
            month == BillingMonth.Of(clock.GetUtcNow()) ? [.. Allowances(await entitlements.Of(caller.Id, stop))] : [],
            [.. (await refusals.Of(caller.Id, month.ToString(), stop)).Select(one => new Refused(one.Service, one.Status, one.Count))]));
    }

    private static IEnumerable<Allowance> Allowances(Standing standing)
    {
        if (standing.Trial.IsActive)
        {
            yield return Of("trial_calls", standing.Trial.Used, standing.Trial.Calls, standing.Trial.StartedAt, standing.Trial.EndsAt);
        }

        var calls = standing.Calls;
        if (standing.CallPlan?.Plan.WeeklyCalls is { } week)
        {
            yield return Of("weekly_calls", calls.ThisWeek, week, calls.WeekStart, calls.WeekStart.AddDays(DaysOfWeekWindow));
        }

        if (standing.CallPlan?.Plan.MonthlyCalls is { } most)
        {
            yield return Of("monthly_calls", calls.ThisMonth, most, calls.MonthStart, calls.MonthStart.AddDays(DaysOfMonthWindow));
        }

        foreach (var quota in standing.Quotas)
        {
            yield return Of(quota.Quota, quota.Used, quota.Limit, quota.PeriodStart, quota.PeriodEnd);
        }
    }

    private static Allowance Of(string name, long used, long? limit, DateTimeOffset start, DateTimeOffset? end) =>
        new(name, used, limit, limit is { } most ? Math.Max(0, most - used) : null, start.Iso(), end?.Iso());

    /// <summary>The month that the query names, else this one.</summary>
    public static BillingMonth Month(HttpRequest request, TimeProvider clock) => request.Query[Period] switch
    {
        [] => BillingMonth.Of(clock.GetUtcNow()),
        [{ } text] when BillingMonth.TryParse(text, out var month) => month,
        _ => throw new Invalid("query", Period, "Input should be a month such as 2026-11", "string_pattern_mismatch"),
    };
}
