using System.Collections.Immutable;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>Reads allowances into the hand and writes back what is different.</summary>
internal sealed class AllowanceStore(AllowanceRules rules, PlanCatalog catalog)
{
    private static readonly IReadOnlyDictionary<Attempt, Reservation> NoneKnown = new Dictionary<Attempt, Reservation>();

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
            ? (await Fill(session, [row.State], AskMore(session, [new Asked(account)], now), NoneKnown, now, stop))[0]
            : null;

    /// <summary>As it is and stays until this transaction ends, with what a reservation of it is counted in; made when the account has none.</summary>
    public async Task<(AllowanceState State, Reservation? Reservation)> Lock(
        Transaction transaction, AccountId account, string? key, DateTimeOffset now, CancellationToken stop, string appType = Identity.Platform.WebBusiness)
    {
        var locked = await Lock(transaction, [account], key is null ? [] : [new Attempt(account, key)], now, stop, appType);
        return (locked.States[account], key is null ? null : locked.Known.GetValueOrDefault(new Attempt(account, key)));
    }

    /// <summary>The same for many accounts.</summary>
    public Task<LockedAllowances> Lock(
        Transaction transaction, IReadOnlyCollection<AccountId> accounts, IReadOnlyCollection<Attempt> attempts, DateTimeOffset now, CancellationToken stop,
        string appType = Identity.Platform.WebBusiness) => Lock(transaction, Ask(transaction, accounts, attempts, now), stop, appType);

    /// <summary>
    /// Asks for what <see cref="Lock(Transaction, AskedAllowances, CancellationToken, string)"/> needs, so that it comes with what else is
    /// asked. In the order of the accounts' ids, so that two transactions never wait for each other.
    /// </summary>
    public AskedAllowances Ask(Transaction transaction, IReadOnlyCollection<AccountId> accounts, IReadOnlyCollection<Attempt> attempts, DateTimeOffset now)
    {
        List<Asked> asked = [.. accounts.Distinct().Order().Select(account => new Asked(account))];
        return new AskedAllowances(
            [.. asked.Select(one => one.Account)], attempts, now, AskRows(transaction, asked), AskKnown(transaction, attempts), AskMore(transaction, asked, now));
    }

    /// <summary>What was asked for, once it is there; made for accounts that have none.</summary>
    public async Task<LockedAllowances> Lock(
        Transaction transaction, AskedAllowances asked, CancellationToken stop, string appType = Identity.Platform.WebBusiness)
    {
        var (rows, reserved, more) = (await asked.Rows.Answers(stop), asked.Known, asked.More);
        var there = rows.Select(row => row.AccountId).ToHashSet();
        List<Asked> missing = [.. asked.Accounts.Where(account => !there.Contains(account)).Select(account => new Asked(account))];
        if (missing.Count > 0)
        {
            missing.ForEach(one => Begin(transaction, one.Account, appType, asked.Now));
            var made = AskRows(transaction, missing);
            // Whoever made one of them meanwhile may have written more of it.
            reserved = AskKnown(transaction, asked.Attempts);
            more = AskMore(transaction, [.. asked.Accounts.Select(account => new Asked(account))], asked.Now);
            rows = [.. rows, .. await made.Answers(stop)];
        }

        var known = (await reserved.Answers(stop)).ToDictionary(row => new Attempt(row.AccountId, row.Id), row => row.Reservation);
        var states = await Fill(transaction, [.. rows.Select(row => row.State)], more, known, asked.Now, stop);
        return new LockedAllowances(states.ToDictionary(state => state.Account), known);
    }

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
            expires_at, created_at, ended_at, plan_id, plan_version)
        SELECT r.account_id, r.id, r.service, r.funding, r.status, r.duration_limit, r.units, r.is_counted = 1, r.quota, r.period_start, r.addon_id, r.state,
            r.seconds, r.expires_at, r.created_at, r.ended_at, r.plan_id, r.plan_version
        FROM {rows} WHERE true
        ON CONFLICT (account_id, id) DO UPDATE SET state = excluded.state, units = excluded.units, seconds = excluded.seconds,
            expires_at = excluded.expires_at, ended_at = excluded.ended_at, funding = excluded.funding, status = excluded.status,
            duration_limit = excluded.duration_limit, is_counted = excluded.is_counted, quota = excluded.quota, period_start = excluded.period_start,
            addon_id = excluded.addon_id, plan_id = excluded.plan_id, plan_version = excluded.plan_version
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

    private static Question<AllowanceRow> AskRows(Transaction transaction, IReadOnlyList<Asked> accounts) => transaction.Ask<AllowanceRow, Asked>(
        $$"""
        SELECT {{AllowanceRow.Columns}} FROM {rows} CROSS JOIN allowances a WHERE a.account_id = r.account ORDER BY a.account_id {for update of a}
        """,
        accounts);

    private static Question<ReservationRow> AskKnown(Transaction transaction, IReadOnlyCollection<Attempt> attempts) => transaction.Ask<ReservationRow, Attempt>(
        $$"""
        SELECT {{ReservationRow.Columns}} FROM {rows} CROSS JOIN reservations e WHERE e.account_id = r.account AND e.id = r.use_key
        """,
        [.. attempts]);

    // Their plans, and of lots and quotas those that count now. Which quotas do may depend on a plan; mostly it does not.
    private AskedMore AskMore(Session session, IReadOnlyList<Asked> accounts, DateTimeOffset now)
    {
        var periods = rules.UsualPeriods(now);
        List<AskedQuota> quotas = [.. accounts.SelectMany(one => periods.Select(period => new AskedQuota(one.Account, period.Quota, period.Start)))];
        return new AskedMore(
            session.Ask<EntitlementRow, Asked>(
                $$"""
                SELECT {{EntitlementRow.Columns}} FROM {rows} CROSS JOIN entitlements e WHERE e.account_id = r.account
                """,
                accounts),
            AskLots(session, [.. accounts.Select(one => new AskedLots(one.Account, "", now))]),
            AskQuotas(session, quotas),
            quotas.ToHashSet());
    }

    private static Question<AddOnRow> AskLots(Session session, IReadOnlyList<AskedLots> lots) => session.Ask<AddOnRow, AskedLots>(
        """
        SELECT account_id, id, calls, used, bought_at, expires_at, revoked_at FROM {rows} CROSS JOIN addon_calls a
        WHERE a.account_id = r.account AND (a.id = r.lot OR (a.revoked_at IS NULL AND a.used < a.calls AND a.expires_at > r.now))
        """,
        lots);

    private static Question<QuotaRow> AskQuotas(Session session, IReadOnlyList<AskedQuota> quotas) => session.Ask<QuotaRow, AskedQuota>(
        """
        SELECT q.account_id, q.quota, q.period_start, q.used FROM {rows} CROSS JOIN quota_uses q
        WHERE q.account_id = r.account AND q.quota = r.quota AND q.period_start = r.start
        """,
        quotas);

    // With what a known reservation is counted in, and with the quotas of plans that have periods of their own.
    private async Task<IReadOnlyList<AllowanceState>> Fill(
        Session session, IReadOnlyList<AllowanceState> states, AskedMore more, IReadOnlyDictionary<Attempt, Reservation> known, DateTimeOffset now, CancellationToken stop)
    {
        List<(AccountId Account, HeldFacts Facts)> held = [];
        foreach (var row in await more.Plans.Answers(stop))
        {
            held.Add((row.AccountId, new HeldFacts(row.Facts, await catalog.Promised(session, row.PlanId, row.PlanVersion, stop))));
        }

        var plans = held.ToLookup(one => one.Account, one => one.Facts);
        List<AllowanceState> planned = [.. states.Select(state => state with { Plans = [.. plans[state.Account]] })];
        var otherLots = AskLots(
            session, [.. known.Where(one => one.Value.AddOnId is not null).Select(one => new AskedLots(one.Key.Account, one.Value.AddOnId!, now)).DistinctBy(one => (one.Account, one.Lot))]);
        var otherQuotas = AskQuotas(
            session,
            [
                .. planned.SelectMany(state => rules.Periods(state, now).Select(period => new AskedQuota(state.Account, period.Quota, period.Start)))
                    .Concat(known.Where(one => one.Value.Quota is not null)
                        .Select(one => new AskedQuota(one.Key.Account, one.Value.Quota!.Value.Quota, one.Value.Quota.Value.Start)))
                    .Except(more.AskedQuotas),
            ]);
        var lots = (await more.Lots.Answers(stop)).Concat(await otherLots.Answers(stop)).ToLookup(row => row.AccountId, row => row.Lot);
        var used = (await more.Quotas.Answers(stop)).Concat(await otherQuotas.Answers(stop)).ToLookup(row => row.AccountId);
        return
        [
            .. planned.Select(state => state with
            {
                AddOns = [.. lots[state.Account].DistinctBy(lot => lot.Id).OrderBy(lot => lot.ExpiresAt).ThenBy(lot => lot.Id, StringComparer.Ordinal)],
                Quotas = used[state.Account].ToImmutableDictionary(row => new QuotaPeriod(row.Quota, row.PeriodStart), row => row.Used),
            }),
        ];
    }

    private readonly record struct Asked(AccountId Account);

    private readonly record struct AskedLots(AccountId Account, string Lot, DateTimeOffset Now);

    private readonly record struct LotRow(AccountId AccountId, string Id, int Used, DateTimeOffset? RevokedAt);

    private readonly record struct UsedRow(AccountId AccountId, string Quota, DateTimeOffset PeriodStart, long Used);

    private readonly record struct FactsRow(
        AccountId AccountId, string Product, string PlanId, int PlanVersion, string Source, string SourceId, string Status, DateTimeOffset PeriodStart,
        DateTimeOffset PeriodEnd, int Cancels, DateTimeOffset? PastDueSince, DateTimeOffset? EndsAt, DateTimeOffset Now);
}

/// <summary>A key under which somebody reserved, or is about to.</summary>
internal readonly record struct Attempt(AccountId Account, string UseKey);

/// <summary>Allowances that nobody else changes until the transaction ends, and what was reserved under the keys that were asked for.</summary>
internal sealed record LockedAllowances(IReadOnlyDictionary<AccountId, AllowanceState> States, IReadOnlyDictionary<Attempt, Reservation> Known);

/// <summary>What was asked of accounts' allowances, and is there with the next look at the database.</summary>
internal sealed record AskedAllowances(
    IReadOnlyList<AccountId> Accounts, IReadOnlyCollection<Attempt> Attempts, DateTimeOffset Now,
    Question<AllowanceRow> Rows, Question<ReservationRow> Known, AskedMore More);

/// <summary>What else of them is needed to decide.</summary>
internal sealed record AskedMore(
    Question<EntitlementRow> Plans, Question<AddOnRow> Lots, Question<QuotaRow> Quotas, IReadOnlySet<AskedQuota> AskedQuotas);

/// <summary>A quota of an account in one of its periods.</summary>
internal readonly record struct AskedQuota(AccountId Account, string Quota, DateTimeOffset Start);
