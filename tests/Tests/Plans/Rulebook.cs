using Ledgerline.Kernel;
using Ledgerline.Plans;
using Xunit;

namespace Tests.Plans;

/// <summary>The rules of the contract and an account to try them on, at an instant that is chosen.</summary>
internal static class Rulebook
{
    public static readonly DateTimeOffset Start = new(2026, 11, 20, 8, 12, 57, TimeSpan.Zero);
    public static readonly AllowanceRules Rules = new(PlanOptions.Default);
    public static readonly AccountId Somebody = new(Guid.Parse("01a220b7-7f38-7000-a92e-aafc9eb8497b"));
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private static int keys;

    /// <summary>Pays for the plan from then on.</summary>
    public static AllowanceState Entitled(AllowanceState state, string planId, DateTimeOffset from, string source = "sub_1")
    {
        var plan = PlanSeeds.All(PlanOptions.Default).Single(seed => seed.Id == planId).As(1);
        var until = plan.Type switch { PlanType.Weekly => from.AddDays(7), PlanType.Yearly => from.AddYears(1), _ => from.AddMonths(1) };
        var facts = new EntitlementFacts(Somebody, plan.Product, planId, 1, plan.Store, source, EntitlementStatus.Active, from, until, false, null, null);
        return Rules.Entitle(state, from, facts, plan)!;
    }

    /// <summary>What a call would be told.</summary>
    public static (string Status, int? Seconds) Ask(AllowanceState state, DateTimeOffset now) =>
        Rules.Judge(state, now, Want.Call()) is var verdict ? (verdict.Status, verdict.DurationLimitSeconds) : default;

    /// <summary>A call that is allowed.</summary>
    public static Decision Placed(AllowanceState state, DateTimeOffset now)
    {
        var decision = Rules.Decide(state, now, Want.Call(), $"call:{Interlocked.Increment(ref keys)}", Lifetime);
        Assert.True(decision.Verdict.IsAllowed, decision.Verdict.Status);
        return decision;
    }
}
