using System.Runtime.CompilerServices;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet.Journals;

/// <summary>Reads the books in the order of their primary keys, a page at a time: an account's history stands together, oldest first.</summary>
internal sealed class JournalPages(Session session, JournalFilter filter)
{
    private const int PageSize = 500;

    private readonly string ofAccount = filter.Account is null ? "" : "AND account_id = @Account";
    private readonly string ofUnit = filter.Unit is null ? "" : "AND unit = @Unit";
    private readonly string ofTime =
        (filter.From is null ? "" : "AND created_at >= @From ") + (filter.To is null ? "" : "AND created_at < @To");

    public IAsyncEnumerable<string> Units(CancellationToken stop) => List(
        $"""
        SELECT unit FROM (
            SELECT unit FROM wallets WHERE 1 = 1 {ofAccount} {ofUnit} UNION SELECT unit FROM ledger_transactions WHERE 1 = 1 {ofAccount} {ofUnit}
        ) AS units ORDER BY unit
        """,
        stop);

    /// <summary>The books that are nobody's wallet and nobody's debt.</summary>
    public IAsyncEnumerable<string> HouseBooks(CancellationToken stop) => List(
        $"SELECT DISTINCT book FROM ledger_entries WHERE book NOT IN ('wallet', 'owed') {ofAccount} {ofUnit} ORDER BY book", stop);

    public IAsyncEnumerable<JournalWallet> Wallets(CancellationToken stop) => Page<JournalWallet>(
        $"""
        SELECT account_id, unit, owed_micro, CAST(COALESCE((
            SELECT SUM(g.remaining_micro) FROM grants g WHERE g.account_id = wallets.account_id AND g.unit = wallets.unit), 0) AS bigint) AS remaining_micro
        FROM wallets WHERE (account_id, unit) > (@AfterAccount, @After) {ofAccount} {ofUnit}
        ORDER BY account_id, unit LIMIT {PageSize}
        """,
        wallet => (wallet.AccountId, wallet.Unit),
        stop);

    public IAsyncEnumerable<JournalLot> Lots(CancellationToken stop) => Page<JournalLot>(
        $"""
        SELECT account_id, id, unit, remaining_micro FROM grants WHERE (account_id, id) > (@AfterAccount, @After) {ofAccount} {ofUnit}
        ORDER BY account_id, id LIMIT {PageSize}
        """,
        lot => (lot.AccountId, lot.Id),
        stop);

    public async IAsyncEnumerable<JournalTransaction> Transactions([EnumeratorCancellation] CancellationToken stop)
    {
        // Which transactions make a page is said twice, so that their entries need no list of ids of any length.
        var page =
            $"""
            FROM ledger_transactions WHERE (account_id, id) > (@AfterAccount, @After) {ofAccount} {ofUnit} {ofTime}
            ORDER BY account_id, id LIMIT {PageSize}
            """;
        var (afterAccount, after) = ("", "");
        while (true)
        {
            var transactions = await session.List<JournalTransaction>(
                $"SELECT account_id, id, kind, transaction_key, description, payment_id, created_at {page}", Args(afterAccount, after), stop);
            var entries = (await session.List<JournalEntry>(
                $"""
                SELECT e.account_id, e.transaction_id, e.unit, e.book, e.amount_micro, COALESCE(e.grant_id, '') AS grant_id
                FROM (SELECT account_id, id {page}) AS t
                JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id
                ORDER BY e.account_id, e.transaction_id, e.line
                """,
                Args(afterAccount, after),
                stop)).ToLookup(entry => (entry.AccountId, entry.TransactionId));
            foreach (var transaction in transactions)
            {
                transaction.Entries.AddRange(entries[(transaction.AccountId, transaction.Id)]);
                yield return transaction;
            }

            if (transactions.Count < PageSize)
            {
                yield break;
            }

            (afterAccount, after) = (transactions[^1].AccountId, transactions[^1].Id);
        }
    }

    private async IAsyncEnumerable<T> Page<T>(string sql, Func<T, (string Account, string Id)> key, [EnumeratorCancellation] CancellationToken stop)
    {
        var (afterAccount, after) = ("", "");
        while (true)
        {
            var rows = await session.List<T>(sql, Args(afterAccount, after), stop);
            foreach (var row in rows)
            {
                yield return row;
            }

            if (rows.Count < PageSize)
            {
                yield break;
            }

            (afterAccount, after) = key(rows[^1]);
        }
    }

    private async IAsyncEnumerable<string> List(string sql, [EnumeratorCancellation] CancellationToken stop)
    {
        foreach (var word in await session.List<string>(sql, Args("", ""), stop))
        {
            yield return word;
        }
    }

    private object Args(string afterAccount, string after) =>
        new { AfterAccount = afterAccount, After = after, filter.Account, filter.Unit, filter.From, filter.To };
}
