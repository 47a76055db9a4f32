using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>What a reservation came to.</summary>
/// <param name="Again">The key was used before: the verdict is the one of that time, <paramref name="State"/> says what became of it.</param>
/// <param name="State">One of <see cref="ReservationState"/>; null when refused.</param>
public sealed record ReserveAnswer(Verdict Verdict, bool Again, string? State);

/// <summary>How a use ended.</summary>
/// <param name="Funding">One of <see cref="Plans.Funding"/>.</param>
/// <param name="Units">Minutes, messages or scenarios that were used.</param>
/// <param name="Again">It had ended before: nothing changed now.</param>
public sealed record UseEnded(string Service, string Funding, long Units, bool Again)
{
    /// <summary>Of what is paid by use: by whose prices.</summary>
    public PlanTerms? Terms { get; init; }
}

/// <summary>A use that has not ended.</summary>
internal sealed class RunningUse
{
    public required string Funding { get; init; }
    public int? DurationLimit { get; init; }
}

/// <summary>
/// The one door to "may this account do this now, from what, until when". Decided and counted under the account's row lock by
/// <see cref="AllowanceRules"/>, so that of any number of requests on any node exactly as many are admitted as there are.
/// </summary>
public sealed partial class Entitlements
{
    private readonly Database database;
    private readonly Outbox outbox;
    private readonly AllowanceRules rules;
    private readonly AllowanceStore store;
    private readonly PlanCatalog catalog;
    private readonly TimeProvider clock;

    internal Entitlements(Database database, Outbox outbox, AllowanceRules rules, AllowanceStore store, PlanCatalog catalog, TimeProvider clock) =>
        (this.database, this.outbox, this.rules, this.store, this.catalog, this.clock) = (database, outbox, rules, store, catalog, clock);

    /// <summary>
    /// Writes what a store says of an account's plan. False when it changes nothing: it is known, or it is about another subscription
    /// than the one that gives access now and would give none.
    /// </summary>
    /// <exception cref="InvalidOperationException">The plan has no such version, or is one of another product.</exception>
    public async Task<bool> Put(Transaction transaction, EntitlementFacts facts, CancellationToken stop = default)
    {
        var plan = await catalog.Promised(transaction, facts.PlanId, facts.PlanVersion, stop);
        if (plan.Product != facts.Product || !EntitlementStatus.All.Contains(facts.Status))
        {
            throw new InvalidOperationException($"{facts.PlanId} is a plan of {plan.Product}, and {facts.Status} must be a status of a subscription.");
        }

        // As they are stored: a millisecond is the smallest step there.
        var news = facts with
        {
            PeriodStart = Milliseconds(facts.PeriodStart),
            PeriodEnd = Milliseconds(facts.PeriodEnd),
            PastDueSince = facts.PastDueSince is { } since ? Milliseconds(since) : null,
            EndsAt = facts.EndsAt is { } end ? Milliseconds(end) : null,
        };
        var now = Now();
        var (before, _) = await store.Lock(transaction, facts.Account, null, now, stop);
        if (rules.Entitle(before, now, news, plan) is not { } after)
        {
            return false;
        }

        AllowanceStore.Save(transaction, before, after);
        AllowanceStore.Save(transaction, after.Plans.Single(held => held.Facts.Product == facts.Product).Facts, now);
        await outbox.Publish(transaction, new EntitlementChanged(facts.Account, facts.Product, facts.PlanId, facts.Status), stop: stop);
        return true;
    }

    /// <summary>What the account has now. An account that is older than allowances gets a company's with the first question.</summary>
    public Task<Standing> Of(AccountId account, CancellationToken stop = default) => Of(account, Identity.Platform.WebBusiness, stop);

    /// <inheritdoc cref="Of(AccountId, CancellationToken)"/>
    /// <param name="appType">What the account is when it has no allowances yet.</param>
    public async Task<Standing> Of(AccountId account, string appType, CancellationToken stop = default)
    {
        var (state, now) = await Look(account, appType, stop);
        return rules.Show(AllowanceRules.Rolled(state, now), now);
    }

    /// <summary>As the caller's transaction sees it, which keeps it so.</summary>
    public async Task<Standing> Of(Transaction transaction, AccountId account, CancellationToken stop = default)
    {
        var now = Now();
        var (state, _) = await store.Lock(transaction, account, null, now, stop);
        return rules.Show(AllowanceRules.Rolled(state, now), now);
    }

    /// <summary>What <see cref="Reserve(AccountId, Want, string, TimeSpan, CancellationToken)"/> would say now; reserves nothing.</summary>
    public Task<Verdict> May(AccountId account, Want want, CancellationToken stop = default) => May(account, want, Identity.Platform.WebBusiness, stop);

    /// <inheritdoc cref="May(AccountId, Want, CancellationToken)"/>
    /// <param name="appType">What the account is when it has no allowances yet.</param>
    public async Task<Verdict> May(AccountId account, Want want, string appType, CancellationToken stop = default)
    {
        var (state, now) = await Look(account, appType, stop);
        return rules.Judge(state, now, want);
    }

    /// <summary>
    /// Decides and counts in one transaction. What is allowed holds its allowance until it is confirmed, completed or given back, and
    /// is given back by itself when <paramref name="lifetime"/> is over before that. What is refused is counted as refused.
    /// </summary>
    /// <param name="key">Names this attempt: the same key is never counted twice.</param>
    public Task<ReserveAnswer> Reserve(AccountId account, Want want, string key, TimeSpan lifetime, CancellationToken stop = default) =>
        database.Write(transaction => Reserve(transaction, account, want, key, lifetime, stop), stop);

    /// <inheritdoc cref="Reserve(AccountId, Want, string, TimeSpan, CancellationToken)"/>
    public Task<ReserveAnswer> Reserve(Transaction transaction, AccountId account, Want want, string key, TimeSpan lifetime, CancellationToken stop = default) =>
        Reserve(transaction, account, want, key, lifetime, null, countsRefusal: true, stop);

    /// <summary>It happens now: from here on only its own end ends it. False when it is not reserved any more.</summary>
    public Task<bool> Confirm(AccountId account, string key, CancellationToken stop = default) =>
        database.Write(transaction => Confirm(transaction, account, key, stop), stop);

    /// <inheritdoc cref="Confirm(AccountId, string, CancellationToken)"/>
    public async Task<bool> Confirm(Transaction transaction, AccountId account, string key, CancellationToken stop = default)
    {
        var (_, reservation) = await store.Lock(transaction, account, key, Now(), stop);
        if (reservation is not { IsOpen: true })
        {
            return false;
        }

        AllowanceStore.Save(transaction, account, reservation with { State = ReservationState.Confirmed });
        return true;
    }

    /// <summary>
    /// A call that runs is judged anew: who subscribed meanwhile, or has more minutes than before, may talk longer. Answers how long it may
    /// last in all; null when nobody knows the key, or it has ended.
    /// </summary>
    public Task<int?> Lengthen(AccountId account, Want want, string key, CancellationToken stop = default) => database.Write<int?>(
        async transaction =>
        {
            var now = Now();
            var (before, reservation) = await store.Lock(transaction, account, key, now, stop);
            if (reservation is not { IsOpen: true })
            {
                return null;
            }

            if (rules.Lengthen(before, now, want, reservation) is not var (after, longer))
            {
                return reservation.DurationLimit;
            }

            AllowanceStore.Save(transaction, before, after);
            AllowanceStore.Save(transaction, account, longer);
            return longer.DurationLimit;
        },
        stop);

    /// <summary>Somebody has paid for a call to last so long in all. False when nobody knows the key, or it has ended.</summary>
    public Task<bool> Lengthen(AccountId account, string key, int seconds, CancellationToken stop = default) => database.Write(
        async transaction =>
        {
            var (_, reservation) = await store.Lock(transaction, account, key, Now(), stop);
            if (reservation is { IsOpen: true })
            {
                AllowanceStore.Save(transaction, account, reservation with { DurationLimit = Math.Max(seconds, reservation.DurationLimit ?? 0) });
            }

            return reservation is { IsOpen: true };
        },
        stop);

    /// <summary>It did not happen: the counters return to what they were. False when it had ended before, or nobody knows it.</summary>
    public Task<bool> GiveBack(AccountId account, string key, CancellationToken stop = default) =>
        database.Write(transaction => GiveBack(transaction, account, key, stop), stop);

    /// <inheritdoc cref="GiveBack(AccountId, string, CancellationToken)"/>
    public Task<bool> GiveBack(Transaction transaction, AccountId account, string key, CancellationToken stop = default) =>
        End(transaction, account, key, ReservationState.GivenBack, stop);

    /// <summary>
    /// It happened and lasted so long, which counts instead of what was reserved; of what does not last, zero. Null when nobody knows
    /// the key.
    /// </summary>
    public Task<UseEnded?> Complete(AccountId account, string key, long seconds, CancellationToken stop = default) =>
        database.Write(transaction => Complete(transaction, account, key, seconds, stop), stop);

    /// <inheritdoc cref="Complete(AccountId, string, long, CancellationToken)"/>
    public async Task<UseEnded?> Complete(Transaction transaction, AccountId account, string key, long seconds, CancellationToken stop = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(seconds);
        var now = Now();
        var (before, reservation) = await store.Lock(transaction, account, key, now, stop);
        if (reservation is null or { State: ReservationState.Completed })
        {
            return reservation is null ? null : new UseEnded(reservation.Service, reservation.Funding, reservation.Units, Again: true);
        }

        var (after, ended) = rules.Complete(before, now, reservation, seconds);
        AllowanceStore.Save(transaction, before, after);
        AllowanceStore.Save(transaction, account, ended);
        return new UseEnded(ended.Service, ended.Funding, ended.Units, Again: false) { Terms = ended.Terms };
    }

    /// <summary>Calls that were bought on top, once a purchase. False when it was counted before.</summary>
    /// <param name="purchaseId">The store's id of this purchase.</param>
    public async Task<bool> AddCalls(Transaction transaction, AccountId account, string purchaseId, CancellationToken stop = default)
    {
        var now = Now();
        await store.Lock(transaction, account, null, now, stop);
        return await transaction.Execute(
            """
            INSERT INTO addon_calls (account_id, id, calls, bought_at, expires_at) VALUES (@account, @purchaseId, @AddOnCalls, @now, @expires)
            ON CONFLICT (account_id, id) DO NOTHING
            """,
            new { account, purchaseId, rules.Options.AddOnCalls, now, expires = now + rules.Options.AddOnLength },
            stop) == 1;
    }

    /// <summary>A purchase was paid back: what is left of it is gone. False when there is nothing to take.</summary>
    public async Task<bool> TakeBackCalls(Transaction transaction, AccountId account, string purchaseId, CancellationToken stop = default)
    {
        var now = Now();
        await store.Lock(transaction, account, null, now, stop);
        return await transaction.Execute(
            "UPDATE addon_calls SET revoked_at = @now WHERE account_id = @account AND id = @purchaseId AND revoked_at IS NULL", new { account, purchaseId, now }, stop) == 1;
    }

    /// <param name="paidSeconds">A call of at most so many seconds that the wallet has held money for; counted without asking an allowance.</param>
    internal async Task<ReserveAnswer> Reserve(
        Transaction transaction, AccountId account, Want want, string key, TimeSpan lifetime, int? paidSeconds, bool countsRefusal, CancellationToken stop)
    {
        var now = Now();
        var (before, known) = await store.Lock(transaction, account, key, now, stop);
        if (known is not null)
        {
            return new ReserveAnswer(Told(known, rules.Show(AllowanceRules.Rolled(before, now), now)), Again: true, known.State);
        }

        var decision = paidSeconds is { } seconds
            ? rules.DecidePaid(before, now, want, key, lifetime, seconds)
            : rules.Decide(before, now, want, key, lifetime);
        if (decision.Reservation is { } reservation)
        {
            AllowanceStore.Save(transaction, before, decision.State);
            AllowanceStore.Save(transaction, account, reservation);
        }
        else if (countsRefusal)
        {
            Refusals.Count(transaction, account, want.Service, decision.Verdict.Status, now);
        }

        return new ReserveAnswer(decision.Verdict, Again: false, decision.Reservation?.State);
    }

    /// <summary>How an attempt is known that has not ended; null when nobody knows it, or it has.</summary>
    internal static Task<RunningUse?> Running(Session session, AccountId account, string key, CancellationToken stop) => session.Maybe<RunningUse>(
        "SELECT funding, duration_limit FROM reservations WHERE account_id = @account AND id = @key AND state IN ('reserved', 'confirmed')", new { account, key }, stop);

    /// <summary>Out of what an attempt is done; null when nobody knows it.</summary>
    internal static Task<string?> FundingOf(Session session, AccountId account, string key) =>
        session.Maybe<string>("SELECT funding FROM reservations WHERE account_id = @account AND id = @key", new { account, key });

    private async Task<bool> End(Transaction transaction, AccountId account, string key, string ended, CancellationToken stop)
    {
        var now = Now();
        var (before, reservation) = await store.Lock(transaction, account, key, now, stop);
        if (reservation is not { MayBeGivenBack: true } || ended == ReservationState.Expired && (reservation.State != ReservationState.Reserved || reservation.ExpiresAt > now))
        {
            return false;
        }

        var (after, over) = AllowanceRules.GiveBack(before, now, reservation, ended);
        AllowanceStore.Save(transaction, before, after);
        AllowanceStore.Save(transaction, account, over);
        return true;
    }

    private async Task<(AllowanceState State, DateTimeOffset Now)> Look(AccountId account, string appType, CancellationToken stop)
    {
        var now = Now();
        var state = await database.Read(session => store.Read(session, account, now, stop), stop)
            ?? (await database.Write(transaction => store.Lock(transaction, account, null, now, stop, appType), stop)).State;
        return (state, now);
    }

    private static Verdict Told(Reservation known, Standing standing) => new(true, known.Status, known.Service, standing)
    {
        Funding = known.Funding,
        DurationLimitSeconds = known.DurationLimit,
    };

    private DateTimeOffset Now() => Milliseconds(clock.GetUtcNow());

    private static DateTimeOffset Milliseconds(DateTimeOffset instant) => DateTimeOffset.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());
}
