using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Plans;

/// <summary><c>GET /payments/subscription-plans</c>: what can be subscribed to on the web.</summary>
internal static class ListPlans
{
    public static async Task<Ok<Answer>> Handle(PlanCatalog catalog, CancellationToken stop) => TypedResults.Ok(new Answer(
        (await catalog.Current(stop)).Where(plan => plan.Store == PlanStore.Stripe).ToDictionary(plan => plan.Id, Offered.Of)));

    internal sealed record Answer(IReadOnlyDictionary<string, Offered> Plans, bool Success = true);

    /// <param name="Type"><c>monthly</c>, <c>yearly</c>, <c>weekly</c> or <c>usage</c>.</param>
    /// <param name="Features">What it promises; null for plans that only count calls.</param>
    /// <param name="Pricing">Unit prices of what is billed by use, and what an operator gave.</param>
    /// <param name="Price">For one period, in the currency's major unit; null for what is billed by use.</param>
    /// <param name="WeeklyCalls">Of plans that count calls; null: unlimited.</param>
    internal sealed record Offered(string Name, string Type, JsonElement? Features, JsonElement? Pricing, decimal? Price, long? WeeklyCalls)
    {
        public static Offered Of(Plan plan) => new(
            plan.Name, plan.Type, plan.Features.EnumerateObject().Any(one => one.Name != PlanFeatures.WeeklyCalls) ? plan.Features : null, plan.Pricing,
            plan.Price is { } price ? DollarText.Amount(price) : null, plan.WeeklyCalls);
    }
}
