using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>Opens wallets under their rows' locks, in one order everywhere: wallets, lots, then holds.</summary>
internal sealed class LedgerStore(Ids ids, TimeProvider clock)
{
    /// <summary>
    /// Reads the wallets that the operations are about, locked against every other node until the transaction ends. A wallet nobody
    /// has seen yet is created empty.
    /// </summary>
    public async Task<Dictionary<(AccountId Account, string Unit), WalletBook>> Open(
        Transaction transaction, IReadOnlyList<LedgerOperation> operations, bool careful, CancellationToken stop)
    {
        var reads = new WalletReads(transaction, operations, careful);
        if (!await reads.FindWallets(stop))
        {
            reads.CreateWallets();
            reads = new WalletReads(transaction, operations, careful);
        }

        return await reads.Books(ids.Text, stop);
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
}
