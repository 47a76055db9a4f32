using System.Text.Json;
using Ledgerline.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Ledgerline.Plans.Admin;

/// <summary>Operators make, change and delete plans; each leaves a row of who did what.</summary>
internal static class EditPlans
{
    public static async Task<Results<Ok<Answer>, Refusal>> Create(Body<PlanOrder> body, CurrentAccount current, PlanCatalog catalog, CancellationToken stop)
    {
        var order = body.Value;
        if (order.IdFault() is { } fault)
        {
            return fault;
        }

        return await catalog.Create(current.Id, order.Draft(), stop) is { } plan
            ? TypedResults.Ok(new Answer(plan.Id, Shown.Of(plan), $"Plan '{plan.Id}' created successfully"))
            : new Refusal(StatusCodes.Status409Conflict, $"Plan '{order.PlanId}' already exists");
    }

    public static async Task<Results<Ok<Answer>, Refusal>> Change(
        [FromRoute(Name = "plan_id")] string planId, Body<PlanOrder> body, CurrentAccount current, PlanCatalog catalog, CancellationToken stop) =>
        PlanOrder.IsId(planId) && await catalog.Change(current.Id, planId, body.Value.Next, stop) is { } plan
            ? TypedResults.Ok(new Answer(plan.Id, Shown.Of(plan), $"Plan '{plan.Id}' updated successfully"))
            : NotFound(planId);

    public static async Task<Results<Ok<DeletedAnswer>, Refusal>> Delete(
        [FromRoute(Name = "plan_id")] string planId, CurrentAccount current, PlanCatalog catalog, PlanOptions options, CancellationToken stop)
    {
        if (options.IsProduction && PlanOrder.IsId(planId) && await catalog.Find(planId, null, stop) is { IsArchived: false, IsCore: true })
        {
            return new Refusal(StatusCodes.Status403Forbidden, $"Cannot delete core plan '{planId}' in production");
        }

        return PlanOrder.IsId(planId) && await catalog.Archive(current.Id, planId, stop) is { } plan
            ? TypedResults.Ok(new DeletedAnswer(plan.Id, Shown.Of(plan), $"Plan '{plan.Id}' deleted successfully"))
            : NotFound(planId);
    }

    private static Refusal NotFound(string planId) => Refusal.NotFound($"Plan '{planId}' not found");

    internal sealed record Answer(string PlanId, Shown Plan, string Message, bool Success = true);

    internal sealed record DeletedAnswer(string PlanId, Shown DeletedPlan, string Message, bool Success = true);

    /// <param name="Pricing">As the operator gave it.</param>
    internal sealed record Shown(string Name, string Type, JsonElement Features, JsonElement? Pricing)
    {
        public static Shown Of(Plan plan) => new(plan.Name, plan.Type, plan.Features, plan.Pricing);
    }
}
