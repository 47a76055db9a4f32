namespace Ledgerline.Wallet.Audit;

/// <summary>What must hold between a wallet's cached sums and the books they are sums of.</summary>
internal static class WalletLaws
{
    // That lots add to what is posted needs no law of its own: it follows when both agree with the entries. As a third witness the
    // lots tell which side is wrong.
    private const string Posted =
        """
        SELECT w.account_id, w.unit, '' AS id, w.posted_micro AS cached, COALESCE(e.added, 0) AS added,
            CASE WHEN COALESCE(g.remaining, 0) = COALESCE(e.added, 0) THEN 'its lots agree with the entries, so the balance was changed without a booking'
                WHEN COALESCE(g.remaining, 0) = w.posted_micro THEN 'its lots agree with the balance, so a booking is missing or one too many'
                ELSE 'its lots agree with neither' END AS note
        FROM wallets w
        LEFT JOIN (
            SELECT account_id, unit, CAST(SUM(amount_micro) AS bigint) AS added FROM ledger_entries WHERE book = 'wallet' GROUP BY account_id, unit
        ) AS e ON e.account_id = w.account_id AND e.unit = w.unit
        LEFT JOIN (
            SELECT account_id, unit, CAST(SUM(remaining_micro) AS bigint) AS remaining FROM grants GROUP BY account_id, unit
        ) AS g ON g.account_id = w.account_id AND g.unit = w.unit
        WHERE w.posted_micro <> COALESCE(e.added, 0)
        """;

    private const string CapturedWithoutBooking =
        """
        SELECT 'hold ' || h.id FROM holds h LEFT JOIN ledger_transactions t ON t.account_id = h.account_id AND t.transaction_key = 'capture:' || h.id
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
            Posted,
            row => $"{row.Kept} are posted in {row.Wallet} where its entries add to {row.Readded}: {row.By}; {row.Note}.",
            new Clue(CapturedWithoutBooking, " was captured for exactly that and has no booking"),
            new Clue(GrantedWithoutBooking, " brought exactly that and has no booking"),
            new Clue(TransactionOf("wallet", "@Minus"), " alone is exactly that: it is in the entries and not in the balance")),
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
            """
            SELECT w.account_id, w.unit, '' AS id, w.held_micro AS cached, COALESCE(h.added, 0) AS added,
                CASE WHEN COALESCE(g.held, 0) = COALESCE(h.added, 0) THEN 'its lots agree with the holds, so the wallet is wrong'
                    WHEN COALESCE(g.held, 0) = w.held_micro THEN 'its lots agree with the wallet, so a hold is missing or one too many'
                    ELSE 'its lots agree with neither' END AS note
            FROM wallets w
            LEFT JOIN (
                SELECT account_id, unit, CAST(SUM(amount_micro) AS bigint) AS added FROM holds WHERE status = 'open' GROUP BY account_id, unit
            ) AS h ON h.account_id = w.account_id AND h.unit = w.unit
            LEFT JOIN (SELECT account_id, unit, CAST(SUM(held_micro) AS bigint) AS held FROM grants GROUP BY account_id, unit) AS g
                ON g.account_id = w.account_id AND g.unit = w.unit
            WHERE w.held_micro <> COALESCE(h.added, 0)
            """,
            row => $"{row.Kept} are held in {row.Wallet} where its open holds add to {row.Readded}: {row.By}; {row.Note}.",
            new Clue(
                "SELECT 'hold ' || id FROM holds WHERE account_id = @AccountId AND unit = @Unit AND status = 'open' AND amount_micro = @Minus ORDER BY id DESC",
                " is open for exactly that: the wallet does not know of it"),
            new Clue(
                """
                SELECT 'hold ' || id || ', now ' || status || ',' FROM holds
                WHERE account_id = @AccountId AND unit = @Unit AND status <> 'open' AND amount_micro = @Off ORDER BY resolved_at DESC, id DESC
                """,
                " reserved exactly that: its end did not reach the wallet")),
        new(
            """
            SELECT account_id, unit, '' AS id, owed_micro AS cached, posted_micro - held_micro AS added, '' AS note FROM wallets
            WHERE owed_micro > 0 AND posted_micro > held_micro
            """,
            row => $"{row.Kept} are owed in {row.Wallet} while {row.Readded} lie free there, which must pay it first."),
        new(
            // Earlier is harmless, it only makes admission look; later would let expired credits be spent.
            """
            SELECT w.account_id, w.unit, MIN(g.id) AS id, COUNT(*) AS cached, 0 AS added, '' AS note FROM wallets w
            JOIN grants g ON g.account_id = w.account_id AND g.unit = w.unit AND g.remaining_micro > g.held_micro AND g.expires_at IS NOT NULL
            WHERE w.next_expiry_at IS NULL OR w.next_expiry_at > g.expires_at GROUP BY w.account_id, w.unit
            """,
            row => $"In {row.Wallet} the next expiry is expected after that of lot {row.Id}{(row.Cached > 1 ? $" and {row.Cached - 1} others" : "")}: what has expired could be spent."),
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

    // The newest first: ids begin with their time.
    private static string TransactionOf(string book, string sum) =>
        $"""
        SELECT 'transaction ' || transaction_id FROM ledger_entries WHERE account_id = @AccountId AND unit = @Unit AND book LIKE '{book}'
        GROUP BY transaction_id HAVING SUM(amount_micro) = {sum} ORDER BY transaction_id DESC
        """;
}
