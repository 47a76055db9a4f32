using System.Text.Json;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Billing.Subscriptions;

/// <summary><c>GET /payments/subscription-status</c>: the account's plan and what was used of it, as clients decode it.</summary>
internal static class ShowSubscription
{
    private static readonly JsonElement Nothing = JsonSerializer.SerializeToElement(new { });

    /// <param name="PlanName">The plan's id.</param>
    /// <param name="Status">Stripe's word, or <c>no_subscription</c>.</param>
    /// <param name="Features">What the plan promises, as it was when it was subscribed to.</param>
    /// <param name="CurrentUsage">By service: since the period began, or without a subscription since the month did.</param>
    public sealed record Answer(
        bool HasSubscription, string? PlanName, string? PlanType, string Status, string? CurrentPeriodStart, string? CurrentPeriodEnd, bool CancelAtPeriodEnd,
        JsonElement Features, IReadOnlyDictionary<string, CurrentUsage> CurrentUsage);

    public static async Task<Ok<Answer>> Handle(
        CurrentAccount account, Database database, PlanCatalog catalog, UsageOfPeriod usage, TimeProvider clock, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var row = SubscriptionChoice.Shown(await database.Read(session => SubscriptionRow.Of(session, account.Id, stop), stop), now);
        var plan = row?.PlanId is { } planId ? await catalog.Find(planId, row.PlanVersion, stop) : null;
        var month = new DateTimeOffset(now.Year, now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        var used = row is null || !HasPeriod(row, now)
            ? await usage(account.Id, month, month.AddMonths(1), stop)
            : await usage(account.Id, row.PeriodStart, row.PeriodEnd, stop);
        return TypedResults.Ok(row is null
            ? new Answer(false, null, null, "no_subscription", null, null, false, Nothing, used)
            : new Answer(
                row.IsLive || row.RunsOut(now), row.PlanId, plan?.Type, row.Status, row.PeriodStart.Iso(), row.PeriodEnd.Iso(),
                row.CancelAtPeriodEnd, plan is { Features.ValueKind: JsonValueKind.Object } ? plan.Features : Nothing, used));
    }

    private static bool HasPeriod(SubscriptionRow row, DateTimeOffset now) => row.PeriodStart <= now && now < row.PeriodEnd;
}
