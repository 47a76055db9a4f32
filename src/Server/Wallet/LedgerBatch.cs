using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>
/// Many operations in one transaction: their wallets' rows are read and locked in one order with a few statements, everything is
/// decided in memory, and what changed is written with a few statements more.
/// </summary>
internal sealed class LedgerBatch(LedgerStore store, Outbox outbox, TimeProvider clock)
{
    /// <param name="careful">Whether to look first if a new hold's key was used before. Without, the database refuses the batch when one was.</param>
    public async Task Apply(Transaction transaction, IReadOnlyList<LedgerOperation> operations, bool careful, CancellationToken stop)
    {
        var books = await store.Open(transaction, operations, careful, stop);
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
            await LedgerStore.JoinHolds(transaction, refused, books, stop);
            await LedgerStore.JoinNewLots(transaction, refused, books, stop);
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
