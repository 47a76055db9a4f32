using System.Collections.Concurrent;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>
/// The door to what can be subscribed to, the same on every node at once. A version never changes: whoever subscribed keeps what was
/// promised then.
/// </summary>
public sealed class PlanCatalog(Database database, Outbox outbox, Ids ids, TimeProvider clock)
{
    // What is true of a version for ever; whether its plan is archived is not, and is not asked of these.
    private readonly ConcurrentDictionary<(string Id, int Version), Plan> versions = new();

    /// <summary>The plan's newest version, or the one that is named; archived ones too. Null when there is none.</summary>
    public Task<Plan?> Find(string planId, int? version = null, CancellationToken stop = default) =>
        database.Read(session => Find(session, planId, version, stop), stop);

    /// <inheritdoc cref="Find(string, int?, CancellationToken)"/>
    public static async Task<Plan?> Find(Session session, string planId, int? version = null, CancellationToken stop = default) =>
        (await session.Maybe<PlanRow>(
            $"""
            SELECT {PlanRow.Columns} FROM plans p JOIN plan_versions v ON v.plan_id = p.plan_id
            WHERE p.plan_id = @planId AND v.version = COALESCE(@version, p.version)
            """,
            new { planId, version },
            stop))?.Plan;

    /// <summary>The newest version of everything that is offered, in the order in which it is shown.</summary>
    public async Task<IReadOnlyList<Plan>> Current(CancellationToken stop = default) =>
        await database.Read(async session => (await Newest(session, stop)).Where(row => !row.IsArchived).Select(row => row.Plan).ToList(), stop);

    /// <summary>As <see cref="Current"/>, with what is not offered any more.</summary>
    internal async Task<IReadOnlyList<Plan>> Everything(CancellationToken stop) =>
        await database.Read(async session => (await Newest(session, stop)).Where(row => row.Version > 0).Select(row => row.Plan).ToList(), stop);

    /// <summary>A version that an account has; kept in memory because it never changes.</summary>
    internal async Task<Plan> Promised(Session session, string planId, int version, CancellationToken stop)
    {
        if (versions.TryGetValue((planId, version), out var known))
        {
            return known;
        }

        var plan = await Find(session, planId, version, stop) ?? throw new InvalidOperationException($"The plan {planId} has no version {version}.");
        return versions[(planId, version)] = plan;
    }

    /// <summary>A new plan, or a deleted one anew. Null when one of this id is offered already.</summary>
    internal Task<Plan?> Create(AccountId operatorId, PlanDraft draft, CancellationToken stop) => database.Write<Plan?>(
        async transaction =>
        {
            await transaction.Execute(
                """
                INSERT INTO plans (plan_id, version, is_core, is_archived, position, created_at, updated_at)
                SELECT @Id, 1, @no, @yes, COALESCE(MAX(position), 0) + 1, @now, @now FROM plans WHERE true
                ON CONFLICT (plan_id) DO NOTHING
                """,
                new { draft.Id, no = false, yes = true, now = clock.GetUtcNow() },
                stop);
            var before = await Lock(transaction, draft.Id, stop);
            return before is null || before.Value.IsArchived
                ? await Add(transaction, operatorId, "created", before?.Plan, draft with { IsCore = before?.Plan?.IsCore ?? false }, before?.Plan is { } old ? old.Version + 1 : 1, stop)
                : null;
        },
        stop);

    /// <summary>A new version. Null when no such plan is offered.</summary>
    /// <param name="change">Makes the next version of the one before; what it throws changes nothing.</param>
    internal Task<Plan?> Change(AccountId operatorId, string planId, Func<Plan, PlanDraft> change, CancellationToken stop) => database.Write<Plan?>(
        async transaction =>
        {
            if (await Lock(transaction, planId, stop) is not { IsArchived: false, Plan: { } before })
            {
                return null;
            }

            var draft = change(before);
            return draft.IsSaidBy(before) ? before : await Add(transaction, operatorId, "changed", before, draft, before.Version + 1, stop);
        },
        stop);

    /// <summary>Takes the plan off the lists; who has it keeps it, and no start brings it back. Null when no such plan is offered.</summary>
    internal Task<Plan?> Archive(AccountId operatorId, string planId, CancellationToken stop) => database.Write<Plan?>(
        async transaction =>
        {
            if (await Lock(transaction, planId, stop) is not { IsArchived: false, Plan: { } plan })
            {
                return null;
            }

            var archived = plan with { IsArchived = true };
            await transaction.Execute(
                "UPDATE plans SET is_archived = @yes, updated_at = @now WHERE plan_id = @planId", new { planId, yes = true, now = clock.GetUtcNow() }, stop);
            Note(transaction, operatorId, "archived", plan, archived);
            await outbox.Publish(transaction, new PlanChanged(planId, plan.Version), stop: stop);
            return archived;
        },
        stop);

    /// <summary>What the product brings along: new plans, and new versions of those that no operator has touched. Safe on every start of every node.</summary>
    internal async Task Seed(IReadOnlyList<PlanDraft> seeds, CancellationToken stop)
    {
        if (Missing(await database.Read(session => Newest(session, stop), stop), seeds).Count == 0)
        {
            return;
        }

        await database.Write(
            async transaction =>
            {
                // Another node may have started at the same time: each plan's row is locked before it is looked at again.
                var now = clock.GetUtcNow();
                for (var position = 0; position < seeds.Count; position++)
                {
                    transaction.Defer(
                        """
                        INSERT INTO plans (plan_id, version, is_core, position, created_at, updated_at)
                        SELECT r.plan_id, 1, r.core = 1, r.position, r.now, r.now FROM {rows} WHERE true
                        ON CONFLICT (plan_id) DO NOTHING
                        """,
                        new SeedRow(seeds[position].Id, seeds[position].IsCore ? 1 : 0, position + 1, now));
                }

                await transaction.List<string>("SELECT plan_id FROM plans ORDER BY plan_id {for update}", stop: stop);
                foreach (var (seed, version) in Missing(await Newest(transaction, stop), seeds))
                {
                    Write(transaction, NewPlanVersion.Of(seed, version, null, now));
                    await outbox.Publish(transaction, new PlanChanged(seed.Id, version), stop: stop);
                }
            },
            stop);
    }

    /// <summary>What the seeds say and the catalogue does not, each with the version it will be.</summary>
    private static List<(PlanDraft Seed, int Version)> Missing(IReadOnlyList<PlanRow> rows, IReadOnlyList<PlanDraft> seeds)
    {
        var known = rows.ToDictionary(row => row.PlanId);
        return
        [
            .. from seed in seeds
               let row = known.GetValueOrDefault(seed.Id)
               where row is null || row is { MadeBy: null, IsArchived: false } && !seed.IsSaidBy(row.Plan)
               select (seed, row is null ? 1 : row.Version + 1),
        ];
    }

    private static Task<IReadOnlyList<PlanRow>> Newest(Session session, CancellationToken stop) => session.List<PlanRow>(
        $"SELECT {PlanRow.Columns} FROM plans p JOIN plan_versions v ON v.plan_id = p.plan_id AND v.version = p.version ORDER BY p.position, p.plan_id", stop: stop);

    private static async Task<(Plan? Plan, bool IsArchived)?> Lock(Transaction transaction, string planId, CancellationToken stop) =>
        await transaction.Maybe<string>("SELECT plan_id FROM plans WHERE plan_id = @planId {for update}", new { planId }, stop) is null
            ? null
            : await Find(transaction, planId, null, stop) is { } plan ? (plan, plan.IsArchived) : (null, true);

    private async Task<Plan> Add(Transaction transaction, AccountId operatorId, string action, Plan? before, PlanDraft draft, int version, CancellationToken stop)
    {
        var plan = draft.As(version);
        Write(transaction, NewPlanVersion.Of(draft, version, operatorId, clock.GetUtcNow()));
        Note(transaction, operatorId, action, before, plan);
        await outbox.Publish(transaction, new PlanChanged(draft.Id, version), stop: stop);
        return plan;
    }

    private static void Write(Transaction transaction, NewPlanVersion version)
    {
        transaction.Defer(
            """
            INSERT INTO plan_versions (plan_id, version, name, type, product, store, price_minor, currency, features, pricing, trial_days, made_by, created_at)
            SELECT r.plan_id, r.version, r.name, r.type, r.product, r.store, r.price_minor, r.currency, r.features, r.pricing, r.trial_days, r.made_by, r.now
            FROM {rows}
            """,
            version);
        transaction.Defer(
            "UPDATE plans SET version = r.version, is_archived = false, updated_at = r.now FROM {rows} WHERE plans.plan_id = r.plan_id",
            new CurrentRow(version.PlanId, version.Version, version.Now));
    }

    private void Note(Transaction transaction, AccountId operatorId, string action, Plan? before, Plan after) => transaction.Defer(
        """
        INSERT INTO plan_changes (plan_id, id, action, version, account_id, before_json, after_json, created_at)
        SELECT r.plan_id, r.id, r.action, r.version, r.account, r.before, r.after, r.now FROM {rows}
        """,
        new ChangeRow(after.Id, ids.Text(), action, after.Version, operatorId, before is null ? null : PlanJson.Text(before), PlanJson.Text(after), clock.GetUtcNow()));

    private readonly record struct SeedRow(string PlanId, int Core, int Position, DateTimeOffset Now);

    private readonly record struct CurrentRow(string PlanId, int Version, DateTimeOffset Now);

    private readonly record struct ChangeRow(
        string PlanId, string Id, string Action, int Version, AccountId Account, string? Before, string After, DateTimeOffset Now);
}
