using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>The door to the plan that is paid by use: what it asks, and who has it.</summary>
public sealed class UsagePlans
{
    private readonly PlanCatalog catalog;
    private readonly PlanOptions options;
    private readonly TimeProvider clock;

    internal UsagePlans(PlanCatalog catalog, PlanOptions options, TimeProvider clock) => (this.catalog, this.options, this.clock) = (catalog, options, clock);

    /// <summary>Its newest version, offered or not; null when there never was one.</summary>
    public static Task<Plan?> Newest(Session session, CancellationToken stop = default) => PlanCatalog.Find(session, PlanSeeds.UsageBased, null, stop);

    /// <summary>Of these accounts those whose plan bills what they use now, each with the version that was promised.</summary>
    public async Task<IReadOnlyDictionary<AccountId, Plan>> Of(Session session, IReadOnlyCollection<AccountId> accounts, CancellationToken stop = default)
    {
        var now = clock.GetUtcNow();
        var held = await session.ListFor<EntitlementRow, Asked>(
            $$"""
            SELECT {{EntitlementRow.Columns}} FROM {rows} CROSS JOIN entitlements e WHERE e.account_id = r.id AND e.product = '{{PlanProduct.VoiceFeatures}}'
            """,
            [.. accounts.Distinct().Order().Select(account => new Asked(account))],
            stop);
        Dictionary<AccountId, Plan> payers = [];
        foreach (var row in held.Where(row => row.Facts.GivesAccess(now, options.Grace)))
        {
            var plan = await catalog.Promised(session, row.PlanId, row.PlanVersion, stop);
            if (plan.IsUsageBased)
            {
                payers[row.Facts.Account] = plan;
            }
        }

        return payers;
    }

    /// <summary>The plan whose terms these are, whoever has it now.</summary>
    public Task<Plan> On(Session session, PlanTerms terms, CancellationToken stop = default) => catalog.Promised(session, terms.PlanId, terms.Version, stop);

    private readonly record struct Asked(AccountId Id);
}
