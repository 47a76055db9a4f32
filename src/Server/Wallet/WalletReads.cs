using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>
/// What operations must know of their wallets, asked for in one round trip: the wallets' rows and lots under their locks, in this order
/// everywhere, then lots by their keys, holds, and budgets. Each statement sees what was committed when its turn came, so what is read
/// after a lock is what is so. CROSS JOIN keeps every engine to the order in which the joins are written.
/// </summary>
internal sealed class WalletReads
{
    // The wallet's place in the question comes back instead of its names: nothing is read that is not needed.
    private const string LotColumns =
        "r.number AS place, g.id, g.source, g.priority, g.amount_micro, g.remaining_micro, g.held_micro, g.clawed_micro, g.expires_at, g.created_at";

    private readonly Transaction transaction;
    private readonly List<WalletPlace> all;
    private readonly List<WalletPlace> taken;
    private readonly List<GrantPlace> grants;
    private readonly Question<WalletRow> wallets;
    private readonly Question<LotInPlace> lots;
    private readonly Question<LotInPlace> lotsByKey;
    private readonly Question<HoldOfWallet> holds;
    private readonly BudgetReads budgets;

    /// <param name="careful">Whether to look for holds that are made too: their keys may have been used before.</param>
    public WalletReads(Transaction transaction, IReadOnlyList<LedgerOperation> operations, bool careful)
    {
        this.transaction = transaction;
        all = Places(operations);
        taken = Places(operations.Where(operation => operation.TakesWallet));
        grants = [.. operations.Where(operation => operation.GrantKey is not null)
            .Select(operation => (operation.Account, operation.Unit, operation.GrantKey)).Distinct()
            .Select((grant, place) => new GrantPlace(grant.Account, grant.Unit, grant.GrantKey!, place))];
        var named = HoldPlaces(operations.Where(operation => careful || operation.TakesWallet));
        wallets = transaction.Ask<WalletRow, WalletPlace>(
            """
            SELECT r.number AS place, w.owed_micro FROM {rows} CROSS JOIN wallets w
            WHERE w.account_id = r.account AND w.unit = r.unit
            ORDER BY w.account_id, w.unit {for update of w}
            """,
            taken);
        lots = AskLots(transaction, all);
        lotsByKey = transaction.Ask<LotInPlace, GrantPlace>(
            $"""
            SELECT {LotColumns}, g.grant_key FROM {"{rows}"} CROSS JOIN grants g
            WHERE g.grant_key = r.key AND g.account_id = r.account AND g.unit = r.unit
            """,
            grants);
        holds = AskHolds(transaction, named);
        budgets = new BudgetReads(transaction, operations.Where(operation => operation.Budget is not null), named);
    }

    /// <summary>Whether every wallet exists whose row is to be locked. One that does not can have got lots after they were asked for.</summary>
    public async Task<bool> FindWallets(CancellationToken stop) => (await wallets.Answers(stop)).Count == taken.Count;

    /// <summary>Creates the wallets that nobody has seen yet, empty, with what is asked next.</summary>
    public void CreateWallets()
    {
        foreach (var place in taken.OrderBy(place => place.Account).ThenBy(place => place.Unit, StringComparer.Ordinal))
        {
            transaction.Defer("INSERT INTO wallets (account_id, unit) SELECT r.account, r.unit FROM {rows} WHERE true ON CONFLICT (account_id, unit) DO NOTHING", place);
        }
    }

    /// <summary>The wallets as they were read.</summary>
    public async Task<Dictionary<(AccountId Account, string Unit), WalletBook>> Books(Func<string> newId, CancellationToken stop)
    {
        var owed = (await wallets.Answers(stop)).ToDictionary(wallet => (taken[wallet.Place].Account, taken[wallet.Place].Unit), wallet => wallet.OwedMicro);
        var lotsOf = new List<Lot>?[all.Count];
        foreach (var lot in await lots.Answers(stop))
        {
            (lotsOf[lot.Place] ??= []).Add(lot);
        }

        Dictionary<(AccountId, string), WalletBook> books = new(all.Count);
        foreach (var (account, unit, place) in all)
        {
            books[(account, unit)] = new WalletBook(account, unit, owed.TryGetValue((account, unit), out var micro) ? micro : null, lotsOf[place] ?? [], newId);
        }

        foreach (var lot in await lotsByKey.Answers(stop))
        {
            books[(grants[lot.Place].Account, grants[lot.Place].Unit)].Join(lot);
        }

        await Join(transaction, await holds.Answers(stop), books, stop);
        await budgets.Join(books, stop);
        return books;
    }

    /// <summary>Reads the holds that the operations name, those that exist.</summary>
    public static async Task JoinHolds(
        Transaction transaction, IReadOnlyList<LedgerOperation> operations, Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop) =>
        await Join(transaction, await AskHolds(transaction, HoldPlaces(operations)).Answers(stop), books, stop);

    /// <summary>
    /// Lots that others granted while this transaction waited for locks: its question saw the moment before. They join the books.
    /// </summary>
    public static async Task JoinNewLots(
        Transaction transaction, IReadOnlyList<LedgerOperation> operations, Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop)
    {
        var places = Places(operations);
        foreach (var lot in await AskLots(transaction, places).Answers(stop))
        {
            books[(places[lot.Place].Account, places[lot.Place].Unit)].Discover(lot);
        }
    }

    private static List<WalletPlace> Places(IEnumerable<LedgerOperation> operations) =>
        [.. operations.Select(operation => (operation.Account, operation.Unit)).Distinct().Select((wallet, place) => new WalletPlace(wallet.Account, wallet.Unit, place))];

    private static List<HoldPlace> HoldPlaces(IEnumerable<LedgerOperation> operations) =>
        [.. operations.SelectMany(operation => operation.Holds.Select(id => new HoldPlace(operation.Account, operation.Unit, id))).Distinct()];

    private static Question<LotInPlace> AskLots(Transaction transaction, IReadOnlyList<WalletPlace> places) => transaction.Ask<LotInPlace, WalletPlace>(
        $"""
        SELECT {LotColumns} FROM {"{rows}"} CROSS JOIN grants g
        WHERE g.account_id = r.account AND g.unit = r.unit AND g.spent = 0
        ORDER BY g.account_id, g.id {"{for update of g}"}
        """,
        places);

    private static Question<HoldOfWallet> AskHolds(Transaction transaction, IReadOnlyList<HoldPlace> places) => transaction.Ask<HoldOfWallet, HoldPlace>(
        """
        SELECT h.account_id, h.unit, h.id, h.amount_micro, h.grant_id, h.purpose, h.status, h.budget, h.captured_micro FROM {rows} CROSS JOIN holds h
        WHERE h.account_id = r.account AND h.id = r.id AND h.unit = r.unit
        """,
        places);

    private static async Task Join(
        Transaction transaction, IReadOnlyList<HoldOfWallet> holds, Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop)
    {
        var several = holds.Where(hold => hold.Status == HoldStatus.Open && hold.GrantId is null).Select(hold => new HoldPlace(hold.AccountId, hold.Unit, hold.Id)).ToList();
        var lots = (await transaction.ListFor<LotOfHold, HoldPlace>(
                """
                SELECT l.account_id, l.hold_id, l.grant_id, l.amount_micro FROM {rows} CROSS JOIN hold_lots l
                WHERE l.account_id = r.account AND l.hold_id = r.id
                """,
                several,
                stop))
            .ToLookup(lot => (lot.AccountId, lot.HoldId), lot => new HoldLot(lot.GrantId, lot.AmountMicro));
        foreach (var hold in holds)
        {
            hold.Lots = hold.Status != HoldStatus.Open ? []
                : hold.GrantId is { } one ? [new HoldLot(one, hold.AmountMicro)]
                : [.. lots[(hold.AccountId, hold.Id)].OrderBy(lot => lot.GrantId, StringComparer.Ordinal)];
            books[(hold.AccountId, hold.Unit)].Join(hold);
        }
    }

    private readonly record struct WalletPlace(AccountId Account, string Unit, int Number);

    private readonly record struct GrantPlace(AccountId Account, string Unit, string Key, int Number);

    private sealed class WalletRow
    {
        public int Place { get; init; }
        public long OwedMicro { get; init; }
    }

    private sealed class LotInPlace : Lot
    {
        public int Place { get; init; }
    }

    private sealed class HoldOfWallet : HoldRow
    {
        public AccountId AccountId { get; init; }
        public required string Unit { get; init; }
    }

    private sealed class LotOfHold
    {
        public AccountId AccountId { get; init; }
        public required string HoldId { get; init; }
        public required string GrantId { get; init; }
        public long AmountMicro { get; init; }
    }
}
