using System.Text.Json;
using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>What a plan, or its next version, shall say; checked by who made it.</summary>
internal sealed record PlanDraft(string Id, string Name, string Type, string Product, Money? Price, JsonElement Features)
{
    public JsonElement? Pricing { get; init; }
    public string Store { get; init; } = PlanStore.Stripe;
    public bool IsCore { get; init; }
    public int TrialDays { get; init; }

    public Plan As(int version, bool isArchived = false) =>
        new(Id, version, Name, Type, Product, Price, Features, Pricing, IsCore, isArchived, TrialDays) { Store = Store };

    /// <summary>Whether the plan says all of this already.</summary>
    public bool IsSaidBy(Plan plan) =>
        (Name, Type, Product, Price, Store, TrialDays) == (plan.Name, plan.Type, plan.Product, plan.Price, plan.Store, plan.TrialDays)
        && JsonElement.DeepEquals(Features, plan.Features)
        && (Pricing, plan.Pricing) is var (mine, theirs) && (mine is { } one && theirs is { } other ? JsonElement.DeepEquals(one, other) : mine is null && theirs is null);
}
