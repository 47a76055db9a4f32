using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>Something that happens as soon as it is allowed.</summary>
/// <param name="Key">Names this attempt: the same key is never counted twice.</param>
public sealed record TakeOrder(AccountId Account, Want Want, string Key);

/// <summary>Allowances that were asked for, and are locked after the next look at the database.</summary>
public sealed class AskedTakes
{
    internal AskedTakes(AskedAllowances allowances) => Allowances = allowances;

    internal AskedAllowances Allowances { get; }
}

/// <summary>Many attempts in one transaction.</summary>
public sealed partial class Entitlements
{
    /// <summary>Asks for what <see cref="Take"/> needs to know, with what else the transaction asks next.</summary>
    public AskedTakes Ask(Transaction transaction, IReadOnlyList<TakeOrder> orders) => new(
        store.Ask(transaction, [.. orders.Select(order => order.Account)], [.. orders.Select(order => new Attempt(order.Account, order.Key)).Distinct()], Now()));

    /// <summary>
    /// Decides and counts many attempts that happen at once, such as messages that are accepted: what is allowed is used, without a
    /// reservation in between. In the order they come; the answers are in the same.
    /// </summary>
    /// <param name="asked">Of these attempts, and maybe of more.</param>
    public async Task<IReadOnlyList<ReserveAnswer>> Take(Transaction transaction, IReadOnlyList<TakeOrder> orders, AskedTakes asked, CancellationToken stop = default)
    {
        var now = asked.Allowances.Now;
        var locked = await store.Lock(transaction, asked.Allowances, stop);
        var (states, known) = (new Dictionary<AccountId, AllowanceState>(locked.States), new Dictionary<Attempt, Reservation>(locked.Known));
        List<ReserveAnswer> answers = [];
        foreach (var (account, want, key) in orders)
        {
            var attempt = new Attempt(account, key);
            if (known.TryGetValue(attempt, out var before))
            {
                answers.Add(new ReserveAnswer(Told(before, rules.Show(AllowanceRules.Rolled(states[account], now), now)), Again: true, before.State));
                continue;
            }

            var decision = rules.Decide(states[account], now, want, key, TimeSpan.Zero);
            if (decision.Reservation is { } reservation)
            {
                (states[account], var used) = rules.Complete(decision.State, now, reservation, 0);
                known[attempt] = used;
                AllowanceStore.Save(transaction, account, used);
            }
            else
            {
                Refusals.Count(transaction, account, want.Service, decision.Verdict.Status, now);
            }

            answers.Add(new ReserveAnswer(decision.Verdict, Again: false, known.GetValueOrDefault(attempt)?.State));
        }

        foreach (var (account, after) in states)
        {
            AllowanceStore.Save(transaction, locked.States[account], after);
        }

        return answers;
    }

    /// <summary>
    /// The keys under which this was used up, be it by <see cref="Take"/> or at the end of a reservation, each with the terms by which it is billed.
    /// </summary>
    public static async Task<IReadOnlyDictionary<string, PlanTerms?>> Taken(Session session, IReadOnlyList<TakeOrder> orders, CancellationToken stop = default) =>
        (await session.ListFor<ReservationRow, AskedUse>(
            $$"""
            SELECT {{ReservationRow.Columns}} FROM {rows} CROSS JOIN reservations e
            WHERE e.account_id = r.account AND e.id = r.use_key AND e.service = r.wanted AND e.state = 'completed'
            """,
            [.. orders.Select(order => new AskedUse(order.Account, order.Key, order.Want.Service))],
            stop)).ToDictionary(row => row.Id, row => row.Terms);

    private readonly record struct AskedUse(AccountId Account, string UseKey, string Wanted);
}
