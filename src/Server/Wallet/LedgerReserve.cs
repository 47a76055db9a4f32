using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>
/// The short way of a hold. A wallet with one lot leaves no choice: one statement finds it, reserves all that the holds at hand want of
/// it, where so much is free, and answers what it was. Wallets with several lots, or too little, or anything but holds to do are left
/// to <see cref="LedgerStore.Open"/>, and so is whatever the wallet's book then refuses.
/// </summary>
internal sealed class LedgerReserve
{
    private readonly List<ArraySegment<LedgerOperation>> wallets = [];
    private readonly List<Wanted> wanted = [];
    private readonly Question<Reserved> question;

    /// <summary>Asks for the lots of those wallets that can go this way, to be locked and reserved.</summary>
    public LedgerReserve(Transaction transaction, IEnumerable<LedgerOperation> all, DateTimeOffset now)
    {
        // In the order in which lots are locked everywhere, and what is done to one wallet as it came.
        LedgerOperation[] operations = [.. all.OrderBy(operation => operation.Account).ThenBy(operation => operation.Unit, StringComparer.Ordinal)];
        for (var (from, to) = (0, 0); from < operations.Length; from = to)
        {
            var (account, unit, micro, only) = (operations[from].Account, operations[from].Unit, 0L, true);
            for (; to < operations.Length && operations[to].Account == account && operations[to].Unit == unit; to++)
            {
                only &= operations[to].ReservesMicro > 0;
                micro = checked(micro + operations[to].ReservesMicro);
            }

            if (only)
            {
                wanted.Add(new Wanted(account, unit, micro, wallets.Count, now));
                wallets.Add(new ArraySegment<LedgerOperation>(operations, from, to - from));
            }
        }

        question = transaction.Ask<Reserved, Wanted>(
            """
            UPDATE grants SET held_micro = grants.held_micro + r.amount FROM {rows}
            WHERE grants.account_id = r.account AND grants.unit = r.unit AND grants.spent = 0 AND grants.remaining_micro >= grants.held_micro + r.amount
                AND (grants.expires_at IS NULL OR grants.expires_at > r.now)
                AND NOT EXISTS (SELECT 1 FROM grants o WHERE o.account_id = r.account AND o.unit = r.unit AND o.spent = 0 AND o.id <> grants.id)
            RETURNING r.number AS place, id, amount_micro, remaining_micro, held_micro, clawed_micro
            """,
            wanted);
    }

    /// <summary>Opens the wallets that go this way, with the operations on each.</summary>
    public async Task<List<(WalletBook Book, ArraySegment<LedgerOperation> Holds)>> Open(Func<string> newId, CancellationToken stop) =>
        [.. (await question.Answers(stop)).Select(lot =>
        {
            var (account, unit, micro, place, _) = wanted[lot.Place];
            return (new WalletBook(account, unit, owedMicro: null, [lot.Before(micro)], newId), wallets[place]);
        })];

    private readonly record struct Wanted(AccountId Account, string Unit, long Amount, int Number, DateTimeOffset Now);

    private sealed class Reserved
    {
        public int Place { get; init; }
        public required string Id { get; init; }
        public long AmountMicro { get; init; }
        public long RemainingMicro { get; init; }
        public long HeldMicro { get; init; }
        public long ClawedMicro { get; init; }

        /// <summary>The lot as it was, for the book to decide on. It never expires here and is alone, so its place among others is nothing to know.</summary>
        public Lot Before(long reserved) => new()
        {
            Id = Id,
            Source = "",
            AmountMicro = AmountMicro,
            RemainingMicro = RemainingMicro,
            HeldMicro = HeldMicro - reserved,
            RowHeldMicro = HeldMicro,
            ClawedMicro = ClawedMicro,
        };
    }
}
