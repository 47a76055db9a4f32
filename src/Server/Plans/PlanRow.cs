using System.Text.Json;
using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>A version of a plan as it is stored, with what is true of the plan today.</summary>
internal sealed class PlanRow
{
    public const string Columns =
        """
        v.plan_id, v.version, v.name, v.type, v.product, v.store, v.price_minor, v.currency, v.features, v.pricing, v.trial_days, v.made_by,
        p.is_core, p.is_archived, p.position
        """;

    public required string PlanId { get; init; }
    public int Version { get; init; }
    public required string Name { get; init; }
    public required string Type { get; init; }
    public required string Product { get; init; }
    public required string Store { get; init; }
    public long? PriceMinor { get; init; }
    public string? Currency { get; init; }
    public required string Features { get; init; }
    public string? Pricing { get; init; }
    public int TrialDays { get; init; }
    public string? MadeBy { get; init; }
    public bool IsCore { get; init; }
    public bool IsArchived { get; init; }
    public long Position { get; init; }

    public Plan Plan => new(
        PlanId, Version, Name, Type, Product, PriceMinor is { } minor ? new Money(minor, Currency!) : null, JsonSerializer.Deserialize<JsonElement>(Features),
        Pricing is null ? null : JsonSerializer.Deserialize<JsonElement>(Pricing), IsCore, IsArchived, TrialDays)
    { Store = Store };
}

/// <summary>A version to be written.</summary>
internal readonly record struct NewPlanVersion(
    string PlanId, int Version, string Name, string Type, string Product, string Store, long? PriceMinor, string? Currency, string Features, string? Pricing,
    int TrialDays, string? MadeBy, DateTimeOffset Now)
{
    public static NewPlanVersion Of(PlanDraft draft, int version, AccountId? madeBy, DateTimeOffset now) => new(
        draft.Id, version, draft.Name, draft.Type, draft.Product, draft.Store, draft.Price?.Minor, draft.Price?.Currency,
        draft.Features.GetRawText(), draft.Pricing?.GetRawText(), draft.TrialDays, madeBy?.ToString(), now);
}
