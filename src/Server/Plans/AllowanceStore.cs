using System.Collections.Immutable;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>Reads allowances into the hand and writes back what is different.</summary>
internal sealed class AllowanceStore(AllowanceRules rules, PlanCatalog catalog)
{
    private const string Insert =
        $$"""
        INSERT INTO allowances ({{AllowanceRow.Columns}})
        SELECT r.account_id, r.app_type, r.trial_calls, r.trial_used, r.trial_started_at, r.trial_ends_at, r.trial_long_calls, r.trial_extended_at,
            r.trial_closed_at, r.day_start, r.calls_today, r.week_start, r.calls_week, r.seconds_week, r.month_start, r.calls_month, r.seconds_month,
            r.calls_total, r.last_call_at
        FROM {rows} WHERE true
        ON CONFLICT (account_id) DO NOTHING
        """;

    /// <summary>What a new account starts with, unless it has something already.</summary>
    public void Begin(Transaction transaction, AccountId account, string appType, DateTimeOffset now) =>
        transaction.Defer(Insert, NewAllowanceRow.Of(rules.Begin(account, appType, now)));

    /// <summary>As it is while nobody is kept from changing it; null for an account without allowances.</summary>
    public async Task<AllowanceState?> Read(Session session, AccountId account, DateTimeOffset now, CancellationToken stop) =>
        await session.Maybe<AllowanceRow>($"SELECT {AllowanceRow.Columns} FROM allowances WHERE account_id = @account", new { account }, stop) is { } row
            ? await Fill(session, row.State, null, now, stop)
            : null;

    /// <summary>As it is and stays until this transaction ends, with what a reservation of it is counted in; made when the account has none.</summary>
    public async Task<(AllowanceState State, Reservation? Reservation)> Lock(
        Transaction transaction, AccountId account, string? key, DateTimeOffset now, CancellationToken stop, string appType = Identity.Platform.WebBusiness)
    {
        const string Locking = $"SELECT {AllowanceRow.Columns} FROM allowances WHERE account_id = @account {{for update}}";
        if (await transaction.Maybe<AllowanceRow>(Locking, new { account }, stop) is not { } row)
        {
            Begin(transaction, account, appType, now);
            row = await transaction.One<AllowanceRow>(Locking, new { account }, stop);
        }

        var reservation = key is null ? null : await Find(transaction, account, key, stop);
        return (await Fill(transaction, row.State, reservation, now, stop), reservation);
    }

    /// <summary>An attempt as it stands; null when nobody knows it.</summary>
    public static async Task<Reservation?> Find(Session session, AccountId account, string key, CancellationToken stop) =>
        (await session.Maybe<ReservationRow>(
            $"SELECT {ReservationRow.Columns} FROM reservations WHERE account_id = @account AND id = @key", new { account, key }, stop))?.Reservation;

    /// <summary>What changed from one to the other; the state was locked by this transaction.</summary>
    public static void Save(Transaction transaction, AllowanceState before, AllowanceState after)
    {
        if ((before.Trial, before.Calls) != (after.Trial, after.Calls))
        {
            transaction.Defer(
                """
                UPDATE allowances SET trial_calls = r.trial_calls, trial_used = r.trial_used, trial_ends_at = r.trial_ends_at,
                    trial_long_calls = r.trial_long_calls, trial_extended_at = r.trial_extended_at, trial_closed_at = r.trial_closed_at,
                    day_start = r.day_start, calls_today = r.calls_today, week_start = r.week_start, calls_week = r.calls_week, seconds_week = r.seconds_week,
                    month_start = r.month_start, calls_month = r.calls_month, seconds_month = r.seconds_month, calls_total = r.calls_total,
                    last_call_at = r.last_call_at
                FROM {rows} WHERE allowances.account_id = r.account_id
                """,
                NewAllowanceRow.Of(after));
        }

        foreach (var (lot, old) in from lot in after.AddOns join old in before.AddOns on lot.Id equals old.Id where lot != old select (lot, old))
        {
            transaction.Defer(
                "UPDATE addon_calls SET used = r.used, revoked_at = r.revoked_at FROM {rows} WHERE addon_calls.account_id = r.account_id AND addon_calls.id = r.id",
                new LotRow(after.Account, lot.Id, lot.Used, lot.RevokedAt));
        }

        foreach (var (period, used) in after.Quotas.Where(one => before.Used(one.Key) != one.Value))
        {
            transaction.Defer(
                """
                INSERT INTO quota_uses (account_id, quota, period_start, used) SELECT r.account_id, r.quota, r.period_start, r.used FROM {rows} WHERE true
                ON CONFLICT (account_id, quota, period_start) DO UPDATE SET used = excluded.used
                """,
                new UsedRow(after.Account, period.Quota, period.Start, used));
        }
    }

    /// <summary>A new attempt, or what became of one.</summary>
    public static void Save(Transaction transaction, AccountId account, Reservation reservation) => transaction.Defer(
        """
        INSERT INTO reservations (account_id, id, service, funding, status, duration_limit, units, is_counted, quota, period_start, addon_id, state, seconds,
            expires_at, created_at, ended_at)
        SELECT r.account_id, r.id, r.service, r.funding, r.status, r.duration_limit, r.units, r.is_counted = 1, r.quota, r.period_start, r.addon_id, r.state,
            r.seconds, r.expires_at, r.created_at, r.ended_at
        FROM {rows} WHERE true
        ON CONFLICT (account_id, id) DO UPDATE SET state = excluded.state, units = excluded.units, seconds = excluded.seconds,
            expires_at = excluded.expires_at, ended_at = excluded.ended_at
        """,
        NewReservationRow.Of(account, reservation));

    public static void Save(Transaction transaction, EntitlementFacts facts, DateTimeOffset now) => transaction.Defer(
        """
        INSERT INTO entitlements (account_id, product, plan_id, plan_version, source, source_id, status, period_start, period_end, cancel_at_period_end,
            past_due_since, ends_at, updated_at)
        SELECT r.account_id, r.product, r.plan_id, r.plan_version, r.source, r.source_id, r.status, r.period_start, r.period_end, r.cancels = 1,
            r.past_due_since, r.ends_at, r.now
        FROM {rows} WHERE true
        ON CONFLICT (account_id, product) DO UPDATE SET plan_id = excluded.plan_id, plan_version = excluded.plan_version, source = excluded.source,
            source_id = excluded.source_id, status = excluded.status, period_start = excluded.period_start, period_end = excluded.period_end,
            cancel_at_period_end = excluded.cancel_at_period_end, past_due_since = excluded.past_due_since, ends_at = excluded.ends_at,
            updated_at = excluded.updated_at
        """,
        new FactsRow(
            facts.Account, facts.Product, facts.PlanId, facts.PlanVersion, facts.Source, facts.SourceId, facts.Status, facts.PeriodStart, facts.PeriodEnd,
            facts.CancelAtPeriodEnd ? 1 : 0, facts.PastDueSince, facts.EndsAt, now));

    private async Task<AllowanceState> Fill(Session session, AllowanceState state, Reservation? reservation, DateTimeOffset now, CancellationToken stop)
    {
        var held = ImmutableArray.CreateBuilder<HeldFacts>();
        foreach (var row in await session.List<EntitlementRow>(
            $"SELECT {EntitlementRow.Columns} FROM entitlements WHERE account_id = @Account", new { state.Account }, stop))
        {
            held.Add(new HeldFacts(row.Facts, await catalog.Promised(session, row.PlanId, row.PlanVersion, stop)));
        }

        var lots = await session.List<AddOnRow>(
            """
            SELECT id, calls, used, bought_at, expires_at, revoked_at FROM addon_calls
            WHERE account_id = @Account AND (id = @lot OR (revoked_at IS NULL AND used < calls AND expires_at > @now))
            ORDER BY expires_at, id
            """,
            new { state.Account, lot = reservation?.AddOnId ?? "", now },
            stop);
        var filled = state with { Plans = held.ToImmutable(), AddOns = [.. lots.Select(lot => lot.Lot)] };
        List<QuotaPeriod> periods = [.. rules.Periods(filled, now)];
        if (reservation?.Quota is { } own && !periods.Contains(own))
        {
            periods.Add(own);
        }

        var used = await session.List<QuotaRow>(
            """
            SELECT quota, period_start, used FROM quota_uses WHERE account_id = @Account AND (
                (quota = @quota0 AND period_start = @start0) OR (quota = @quota1 AND period_start = @start1) OR (quota = @quota2 AND period_start = @start2)
                OR (quota = @quota3 AND period_start = @start3) OR (quota = @quota4 AND period_start = @start4))
            """,
            new
            {
                state.Account,
                quota0 = Quota(0),
                quota1 = Quota(1),
                quota2 = Quota(2),
                quota3 = Quota(3),
                quota4 = Quota(4),
                start0 = Start(0),
                start1 = Start(1),
                start2 = Start(2),
                start3 = Start(3),
                start4 = Start(4),
            },
            stop);

        // The places that are left over ask for what is nowhere.
        string Quota(int place) => periods.Count > place ? periods[place].Quota : "";
        DateTimeOffset Start(int place) => periods.Count > place ? periods[place].Start : DateTimeOffset.UnixEpoch;
        return filled with { Quotas = used.ToImmutableDictionary(row => new QuotaPeriod(row.Quota, row.PeriodStart), row => row.Used) };
    }

    private readonly record struct LotRow(AccountId AccountId, string Id, int Used, DateTimeOffset? RevokedAt);

    private readonly record struct UsedRow(AccountId AccountId, string Quota, DateTimeOffset PeriodStart, long Used);

    private readonly record struct FactsRow(
        AccountId AccountId, string Product, string PlanId, int PlanVersion, string Source, string SourceId, string Status, DateTimeOffset PeriodStart,
        DateTimeOffset PeriodEnd, int Cancels, DateTimeOffset? PastDueSince, DateTimeOffset? EndsAt, DateTimeOffset Now);
}
