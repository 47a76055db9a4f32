using Ledgerline.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Usage.Recorded;

/// <summary><c>GET /payments/usage-summary</c>: what was used in a month, and what it comes to.</summary>
internal static class ShowUsageSummary
{
    public const string Period = "billing_period";
    private const string Currency = "usd";

    /// <param name="UsageSummary">By service; one that was not used is missing.</param>
    /// <param name="TotalCost">In cents: the sum of the services' costs.</param>
    public sealed record Answer(bool Success, string BillingPeriod, IReadOnlyDictionary<string, Line> UsageSummary, long TotalCost, string Currency);

    /// <param name="TotalCost">In cents, rounded half up once.</param>
    public sealed record Line(long TotalAmount, long TotalCost, string Unit, long Records);

    public static async Task<Ok<Answer>> Handle(HttpRequest request, CurrentAccount caller, ServiceUsage usage, TimeProvider clock, CancellationToken stop)
    {
        var month = Month(request, clock);
        var sums = await usage.Sums(caller.Id, month, stop);
        return TypedResults.Ok(new Answer(
            true,
            month.ToString(),
            sums.ToDictionary(sum => sum.Service, sum => new Line(sum.Amount, sum.CostCents, sum.Unit, sum.Records)),
            sums.Sum(sum => sum.CostCents),
            Currency));
    }

    /// <summary>The month that the query names, else this one.</summary>
    public static BillingMonth Month(HttpRequest request, TimeProvider clock) => request.Query[Period] switch
    {
        [] => BillingMonth.Of(clock.GetUtcNow()),
        [{ } text] when BillingMonth.TryParse(text, out var month) => month,
        _ => throw new Invalid("query", Period, "Input should be a month such as 2026-11", "string_pattern_mismatch"),
    };
}
