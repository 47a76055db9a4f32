using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>Opens wallets under their rows' locks, in one order everywhere: wallets, lots, then holds.</summary>
internal sealed class LedgerStore(Ids ids, TimeProvider clock)
{
    // The wallet's place in the question comes back instead of its names: nothing is read that is not needed.
    private const string LotColumns =
        "r.number AS place, g.id, g.source, g.priority, g.amount_micro, g.remaining_micro, g.held_micro, g.clawed_micro, g.expires_at, g.created_at";

    /// <summary>
    /// Reads the wallets that the operations are about, locked against every other node until the transaction ends. A wallet nobody
    /// has seen yet is created empty. CROSS JOIN keeps every engine to the order in which the joins are written.
    /// </summary>
    public async Task<Dictionary<(AccountId Account, string Unit), WalletBook>> Open(
        Transaction transaction, IReadOnlyList<LedgerOperation> operations, bool careful, CancellationToken stop)
    {
        var owed = await LockWallets(transaction, operations, stop);
        Dictionary<(AccountId, string), WalletBook> books = new(operations.Count);
        List<Place> places = new(operations.Count);
        foreach (var operation in operations)
        {
            if (books.TryAdd((operation.Account, operation.Unit), null!))
            {
                places.Add(new Place(operation.Account, operation.Unit, places.Count));
            }
        }

        var lots = await LockLots(transaction, places, stop);
        var lotsOf = new List<Lot>?[places.Count];
        foreach (var lot in lots)
        {
            (lotsOf[lot.Place] ??= []).Add(lot);
        }

        foreach (var (account, unit, place) in places)
        {
            books[(account, unit)] = new WalletBook(account, unit, owed.TryGetValue((account, unit), out var micro) ? micro : null, lotsOf[place] ?? [], ids.Text);
        }

        await JoinLotsByKey(transaction, operations, books, stop);
        var budgets = await JoinHolds(transaction, operations.Where(operation => careful || operation.TakesWallet), books, stop);
        await JoinBudgets(
            transaction, budgets.Concat(operations.Where(operation => operation.Budget is not null).Select(operation => (operation.Account, operation.Unit, operation.Budget!))), books, stop);
        return books;
    }

    /// <summary>Writes what the books decided.</summary>
    public void Save(Transaction transaction, IReadOnlyCollection<WalletBook> books)
    {
        var now = clock.GetUtcNow();
        // Each kind of row for all books before the next kind: what is inserted here may be updated by a later line.
        foreach (var book in books)
        {
            LedgerRows.Lots(transaction, book);
        }

        foreach (var book in books)
        {
            LedgerRows.NewHolds(transaction, book, now);
        }

        foreach (var book in books)
        {
            LedgerRows.ResolvedHolds(transaction, book, now);
            LedgerRows.Owed(transaction, book);
            LedgerRows.Budgets(transaction, book);
        }

        foreach (var book in books)
        {
            foreach (var booking in book.Bookings)
            {
                LedgerRows.Booking(transaction, book, booking, ids.Text(), now);
            }
        }
    }

    /// <summary>
    /// Lots that others granted while this transaction waited for locks: its question saw the moment before. They join the books.
    /// </summary>
    public static async Task JoinNewLots(
        Transaction transaction, IReadOnlyList<LedgerOperation> operations, Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop)
    {
        var places = operations.Select(operation => (operation.Account, operation.Unit)).Distinct()
            .Select((wallet, place) => new Place(wallet.Account, wallet.Unit, place)).ToList();
        foreach (var lot in await LockLots(transaction, places, stop))
        {
            books[(places[lot.Place].Account, places[lot.Place].Unit)].Discover(lot);
        }
    }

    private static Task<IReadOnlyList<LotInPlace>> LockLots(Transaction transaction, IReadOnlyList<Place> places, CancellationToken stop) =>
        transaction.ListFor<LotInPlace, Place>(
            $"""
            SELECT {LotColumns} FROM {"{rows}"} CROSS JOIN grants g
            WHERE g.account_id = r.account AND g.unit = r.unit AND g.spent = 0
            ORDER BY g.account_id, g.id {"{for update of g}"}
            """,
            places,
            stop);

    private static async Task<Dictionary<(AccountId, string), long>> LockWallets(Transaction transaction, IReadOnlyList<LedgerOperation> operations, CancellationToken stop)
    {
        const string find =
            """
            SELECT r.number AS place, w.owed_micro FROM {rows} CROSS JOIN wallets w
            WHERE w.account_id = r.account AND w.unit = r.unit
            ORDER BY w.account_id, w.unit {for update of w}
            """;
        var places = operations.Where(operation => operation.TakesWallet).Select(operation => (operation.Account, operation.Unit)).Distinct()
            .Select((wallet, place) => new Place(wallet.Account, wallet.Unit, place)).ToList();
        var wallets = await transaction.ListFor<WalletRow, Place>(find, places, stop);
        if (wallets.Count < places.Count)
        {
            foreach (var place in places.OrderBy(place => place.Account).ThenBy(place => place.Unit, StringComparer.Ordinal))
            {
                transaction.Defer("INSERT INTO wallets (account_id, unit) SELECT r.account, r.unit FROM {rows} WHERE true ON CONFLICT (account_id, unit) DO NOTHING", place);
            }

            wallets = await transaction.ListFor<WalletRow, Place>(find, places, stop);
        }

        return wallets.ToDictionary(wallet => (places[wallet.Place].Account, places[wallet.Place].Unit), wallet => wallet.OwedMicro);
    }

    private static async Task JoinLotsByKey(
        Transaction transaction, IReadOnlyList<LedgerOperation> operations, Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop)
    {
        var keys = operations.Where(operation => operation.GrantKey is not null)
            .Select(operation => (operation.Account, operation.Unit, operation.GrantKey)).Distinct()
            .Select((grant, place) => new GrantPlace(grant.Account, grant.Unit, grant.GrantKey!, place)).ToList();
        var lots = await transaction.ListFor<LotInPlace, GrantPlace>(
            $"""
            SELECT {LotColumns}, g.grant_key FROM {"{rows}"} CROSS JOIN grants g
            WHERE g.grant_key = r.key AND g.account_id = r.account AND g.unit = r.unit
            """,
            keys,
            stop);
        foreach (var lot in lots)
        {
            books[(keys[lot.Place].Account, keys[lot.Place].Unit)].Join(lot);
        }
    }

    /// <summary>Reads the holds that the operations name, those that exist. Answers the budgets they are counted in.</summary>
    public static async Task<List<(AccountId, string, string)>> JoinHolds(
        Transaction transaction, IEnumerable<LedgerOperation> operations, Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop)
    {
        var places = operations.SelectMany(operation => operation.Holds.Select(id => new HoldPlace(operation.Account, operation.Unit, id))).Distinct().ToList();
        var holds = await transaction.ListFor<HoldOfWallet, HoldPlace>(
            """
            SELECT h.account_id, h.unit, h.id, h.amount_micro, h.grant_id, h.purpose, h.status, h.budget, h.captured_micro FROM {rows} CROSS JOIN holds h
            WHERE h.account_id = r.account AND h.id = r.id AND h.unit = r.unit
            """,
            places,
            stop);
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

        return [.. holds.Where(hold => hold.Budget is not null).Select(hold => (hold.AccountId, hold.Unit, hold.Budget!))];
    }

    /// <summary>Reads and locks these budgets, those that exist.</summary>
    public static async Task JoinBudgets(
        Transaction transaction, IEnumerable<(AccountId Account, string Unit, string Name)> budgets, Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop)
    {
        var places = budgets.Distinct().Select((budget, place) => new BudgetPlace(budget.Account, budget.Unit, budget.Name, place)).ToList();
        var rows = await transaction.ListFor<BudgetInPlace, BudgetPlace>(
            """
            SELECT r.number AS place, b.spent_micro, b.held_micro FROM {rows} CROSS JOIN budgets b
            WHERE b.account_id = r.account AND b.unit = r.unit AND b.name = r.name
            ORDER BY b.account_id, b.unit, b.name {for update of b}
            """,
            places,
            stop);
        foreach (var row in rows)
        {
            var place = places[row.Place];
            books[(place.Account, place.Unit)].Join(BudgetRow.Of(place.Name, row.SpentMicro, row.HeldMicro));
        }
    }

    private readonly record struct Place(AccountId Account, string Unit, int Number);

    private readonly record struct GrantPlace(AccountId Account, string Unit, string Key, int Number);

    private readonly record struct HoldPlace(AccountId Account, string Unit, string Id);

    private readonly record struct BudgetPlace(AccountId Account, string Unit, string Name, int Number);

    private sealed class BudgetInPlace
    {
        public int Place { get; init; }
        public long SpentMicro { get; init; }
        public long HeldMicro { get; init; }
    }

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
