using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>
/// Many operations in one transaction: their wallets' rows are read and locked in one order with a few statements, everything is
/// decided in memory, and what changed is written with a few statements more.
/// </summary>
internal sealed class LedgerBatch(LedgerStore store, Outbox outbox, Ids ids, TimeProvider clock)
{
    /// <summary>
    /// Makes those holds that need no question, see <see cref="LedgerReserve"/>. Answers which were made. What is left is for a
    /// transaction of its own: rows are locked in one order.
    /// </summary>
    public async Task<List<LedgerOperation>> Reserve(Transaction transaction, IReadOnlyList<LedgerOperation> operations, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var reserve = new LedgerReserve(transaction, operations, now);
        var budgets = new BudgetReads(transaction, operations.Where(operation => operation.Budget is not null), []);
        var wallets = await reserve.Open(ids.Text, stop);
        await budgets.Join(wallets.ToDictionary(wallet => (wallet.Book.Account, wallet.Book.Unit), wallet => wallet.Book), stop);

        List<LedgerOperation> made = new(operations.Count);
        foreach (var (book, holds) in wallets)
        {
            foreach (var hold in holds)
            {
                hold.Decide(book, now);
                if (!hold.IsRefused)
                {
                    made.Add(hold);
                }
            }
        }

        store.Save(transaction, [.. wallets.Select(wallet => wallet.Book)]);
        return made;
    }

    /// <param name="careful">Whether to look first if a new hold's key was used before. Without, the database refuses the batch when one was.</param>
    public async Task Apply(Transaction transaction, IReadOnlyList<LedgerOperation> operations, bool careful, CancellationToken stop) =>
        await Apply(transaction, operations, await store.Open(transaction, operations, careful, stop), stop);

    /// <summary>The same to wallets that are open already.</summary>
    public async Task Apply(
        Transaction transaction, IReadOnlyList<LedgerOperation> operations, Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        foreach (var operation in operations)
        {
            var book = books[(operation.Account, operation.Unit)];
            var (changes, bookings) = (book.Changes, book.Bookings.Count);
            book.Expire(now);
            operation.Decide(book, now);
            // Reserving is not news: the balance that is shown changes when something is used, given or given back.
            if (operation.TakesWallet ? book.Changes > changes : book.Bookings.Count > bookings)
            {
                await outbox.Publish(
                    transaction, new BalanceChanged(book.Account, book.Unit, book.AvailableMicro, book.OwedMicro, operation.Kind), stop: stop);
            }
        }

        // A key that was used before shows itself when its hold is written. One that is refused is not written: it may well be an
        // admitted hold, asked for again, that has itself reserved what is missing now.
        // And what it lacked may have been granted while its rows were waited for.
        if (operations.Where(operation => operation.IsRefused).ToList() is { Count: > 0 } refused)
        {
            await WalletReads.JoinHolds(transaction, refused, books, stop);
            await WalletReads.JoinNewLots(transaction, refused, books, stop);
            refused.ForEach(operation => operation.Decide(books[(operation.Account, operation.Unit)], now));
        }

        store.Save(transaction, books.Values);
        foreach (var operation in operations)
        {
            if (operation.Fault is null)
            {
                await operation.Within(transaction);
            }
        }
    }
}
