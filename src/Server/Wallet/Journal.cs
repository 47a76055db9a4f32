using Ledgerline.Persistence;
using Ledgerline.Wallet.Journals;

namespace Ledgerline.Wallet;

/// <summary>
/// Writes the books as plain-text accounting that hledger reads: another program adds them up and, by the balances asserted at the end,
/// proves what is kept in the lots and owed. Read in pages, all of one moment, so that books of any size fit.
/// </summary>
public sealed class Journal(Database database)
{
    public Task Write(TextWriter output, JournalFilter filter, CancellationToken stop = default) => database.ReadOneMoment(
        async session =>
        {
            await Write(session, output, filter, stop);
            return true;
        },
        stop);

    /// <summary>What the caller's session sees; whoever asks sees to it that it is one moment.</summary>
    public static async Task Write(Session session, TextWriter output, JournalFilter filter, CancellationToken stop = default)
    {
        var pages = new JournalPages(session, filter);
        var text = new JournalText(output);
        text.Head();
        await foreach (var unit in pages.Units(stop))
        {
            text.Commodity(unit);
        }

        await Accounts(pages, text, stop);
        var last = DateTimeOffset.UnixEpoch;
        await foreach (var transaction in pages.Transactions(stop))
        {
            text.Transaction(transaction);
            last = transaction.CreatedAt > last ? transaction.CreatedAt : last;
        }

        if (filter.IsWhole)
        {
            await Balances(pages, text, last, stop);
        }

        await output.FlushAsync(stop);
    }

    private static async Task Accounts(JournalPages pages, JournalText text, CancellationToken stop)
    {
        await foreach (var book in pages.HouseBooks(stop))
        {
            text.HouseBook(book);
        }

        await foreach (var wallet in pages.Wallets(stop))
        {
            text.Account(wallet);
        }

        await foreach (var lot in pages.Lots(stop))
        {
            text.Account(lot);
        }
    }

    private static async Task Balances(JournalPages pages, JournalText text, DateTimeOffset last, CancellationToken stop)
    {
        await foreach (var wallet in pages.Wallets(stop))
        {
            text.Assert(wallet, last);
        }

        await foreach (var lot in pages.Lots(stop))
        {
            text.Assert(lot, last);
        }
    }
}
