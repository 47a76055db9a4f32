using Ledgerline.Persistence.Audit;

namespace Ledgerline.Wallet.Audit;

/// <summary>What must hold between an account's lots together, what it owes, and the books.</summary>
internal static class WalletLaws
{
    // The balance is its lots: a wallet whose row is missing has one too.
    private const string Balance =
        """
        SELECT account_id, unit, '' AS id, CAST(SUM(lots) AS bigint) AS cached, CAST(SUM(entries) AS bigint) AS added, '' AS note FROM (
            SELECT account_id, unit, remaining_micro AS lots, 0 AS entries FROM grants
            UNION ALL SELECT account_id, unit, 0, amount_micro FROM ledger_entries WHERE book = 'wallet') AS b
        GROUP BY account_id, unit HAVING SUM(lots) <> SUM(entries)
        """;

    private const string CapturedWithoutBooking =
        """
        SELECT 'hold ' || h.id FROM holds h
        LEFT JOIN ledger_transactions t ON t.account_id = h.account_id AND t.transaction_key = 'capture:' || h.id || ':' || h.account_id
        WHERE h.account_id = @AccountId AND h.unit = @Unit AND h.status = 'captured' AND h.captured_micro = @Minus AND t.id IS NULL ORDER BY h.id DESC
        """;

    private const string GrantedWithoutBooking =
        """
        SELECT 'lot ' || g.id FROM grants g LEFT JOIN ledger_transactions t ON t.account_id = g.account_id AND t.transaction_key = g.grant_key
        WHERE g.account_id = @AccountId AND g.unit = @Unit AND g.amount_micro = @Off AND t.id IS NULL ORDER BY g.id DESC
        """;

    public static readonly Law[] All =
    [
        new(
            """
            SELECT b.account_id, b.unit, '' AS id, 0 AS cached, 0 AS added, '' AS note
            FROM (SELECT account_id, unit FROM ledger_transactions UNION SELECT account_id, unit FROM grants UNION SELECT account_id, unit FROM holds) AS b
            LEFT JOIN wallets w ON w.account_id = b.account_id AND w.unit = b.unit WHERE w.account_id IS NULL
            """,
            row => $"Account {row.AccountId} has transactions, lots or holds in {row.Unit}, and no wallet in it."),
        new(
            Balance,
            row => $"{row.Kept} are left in the lots of {row.Wallet} where its entries add to {row.Readded}: {row.By}.",
            new Clue(CapturedWithoutBooking, " was captured for exactly that and has no booking"),
            new Clue(GrantedWithoutBooking, " brought exactly that and has no booking"),
            new Clue(TransactionOf("wallet", "@Minus"), " alone is exactly that: it is in the entries and not in the lots")),
        new(
            """
            SELECT w.account_id, w.unit, '' AS id, w.owed_micro AS cached, -COALESCE(e.added, 0) AS added, '' AS note FROM wallets w
            LEFT JOIN (
                SELECT account_id, unit, CAST(SUM(amount_micro) AS bigint) AS added FROM ledger_entries WHERE book = 'owed' GROUP BY account_id, unit
            ) AS e ON e.account_id = w.account_id AND e.unit = w.unit
            WHERE w.owed_micro <> -COALESCE(e.added, 0)
            """,
            row => $"{row.Kept} are owed in {row.Wallet} where its entries add to {row.Readded}: {row.By}.",
            new Clue(TransactionOf("owed", "@Off"), " alone is exactly that: it is in the entries and not in what is owed")),
        new(
            // A hold does not lock the wallet: it may rely on nothing being free wherever something is owed.
            """
            SELECT w.account_id, w.unit, '' AS id, w.owed_micro AS cached, CAST(SUM(g.remaining_micro - g.held_micro) AS bigint) AS added, '' AS note
            FROM wallets w JOIN grants g ON g.account_id = w.account_id AND g.unit = w.unit
            WHERE w.owed_micro > 0 GROUP BY w.account_id, w.unit, w.owed_micro HAVING SUM(g.remaining_micro - g.held_micro) > 0
            """,
            row => $"{row.Kept} are owed in {row.Wallet} while {row.Readded} lie free there, which must pay it first."),
        new(
            """
            SELECT w.account_id, w.unit, '' AS id, COALESCE(g.clawed, 0) AS cached, COALESCE(e.returned, 0) AS added, '' AS note FROM wallets w
            LEFT JOIN (SELECT account_id, unit, CAST(SUM(clawed_micro) AS bigint) AS clawed FROM grants GROUP BY account_id, unit) AS g
                ON g.account_id = w.account_id AND g.unit = w.unit
            LEFT JOIN (
                SELECT account_id, unit, CAST(SUM(amount_micro) AS bigint) AS returned FROM ledger_entries WHERE book LIKE 'house:returned:%' GROUP BY account_id, unit
            ) AS e ON e.account_id = w.account_id AND e.unit = w.unit
            WHERE COALESCE(g.clawed, 0) <> COALESCE(e.returned, 0)
            """,
            row => $"{row.Kept} were taken back of the lots of {row.Wallet} where its refunds add to {row.Readded}: {row.By}.",
            new Clue(
                "SELECT 'lot ' || id FROM grants WHERE account_id = @AccountId AND unit = @Unit AND clawed_micro = @Off ORDER BY id DESC",
                " says exactly that of itself"),
            new Clue(TransactionOf("house:returned:%", "@Minus"), " alone is exactly that: no lot says so")),
    ];

    // The newest first: ids begin with their time. By way of the transactions, which stand together by account.
    private static string TransactionOf(string book, string sum) =>
        $"""
        SELECT 'transaction ' || t.id FROM ledger_transactions t
        JOIN ledger_entries e ON e.transaction_id = t.id AND e.account_id = t.account_id AND e.unit = @Unit AND e.book LIKE '{book}'
        WHERE t.account_id = @AccountId GROUP BY t.id HAVING SUM(e.amount_micro) = {sum} ORDER BY t.id DESC
        """;
}
