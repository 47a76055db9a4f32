using Ledgerline.Persistence.Audit;

namespace Ledgerline.Wallet.Audit;

/// <summary>What must hold within the books themselves: transactions and their entries.</summary>
internal static class EntryLaws
{
    public static readonly Law[] All =
    [
        new(
            // Units are not told apart here: a mixed unit breaks a law of its own.
            """
            SELECT account_id, MIN(unit) AS unit, transaction_id AS id, CAST(SUM(amount_micro) AS bigint) AS cached, 0 AS added, '' AS note
            FROM ledger_entries GROUP BY account_id, transaction_id HAVING SUM(amount_micro) <> 0
            """,
            row => $"The entries of transaction {row.Id} of account {row.AccountId} add to {row.Kept}, not to zero.",
            new Clue(
                """
                SELECT 'line ' || CAST(b.line AS text) FROM ledger_entries a
                JOIN ledger_entries b ON b.account_id = a.account_id AND b.transaction_id = a.transaction_id AND b.line > a.line
                    AND b.book = a.book AND b.amount_micro = a.amount_micro AND COALESCE(b.grant_id, '') = COALESCE(a.grant_id, '')
                WHERE a.account_id = @AccountId AND a.transaction_id = @Id AND a.amount_micro = @Off ORDER BY b.line
                """,
                " says what another line said before: it was written twice"),
            new Clue(
                """
                SELECT 'line ' || CAST(a.line - 1 AS text) FROM ledger_entries a WHERE a.account_id = @AccountId AND a.transaction_id = @Id AND a.line > 0
                    AND NOT EXISTS (SELECT 1 FROM ledger_entries b WHERE b.account_id = a.account_id AND b.transaction_id = a.transaction_id AND b.line = a.line - 1)
                ORDER BY a.line
                """,
                " is missing"),
            new Clue(
                """
                SELECT 'line ' || CAST(line AS text) || ' (' || book || ')' FROM ledger_entries
                WHERE account_id = @AccountId AND transaction_id = @Id AND amount_micro = @Off ORDER BY line
                """,
                " alone is exactly that")),
        new(
            """
            SELECT t.account_id, t.unit, t.id, COUNT(e.line) AS cached, 2 AS added, t.kind AS note FROM ledger_transactions t
            LEFT JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id
            GROUP BY t.account_id, t.id, t.unit, t.kind HAVING COUNT(e.line) < 2
            """,
            row => $"Transaction {row.Id} ({row.Note}) of account {row.AccountId} has {row.Cached} entries where it must have two or more."),
        new(
            """
            SELECT e.account_id, MIN(e.unit) AS unit, e.transaction_id AS id, COUNT(*) AS cached, 0 AS added, '' AS note FROM ledger_entries e
            LEFT JOIN ledger_transactions t ON t.account_id = e.account_id AND t.id = e.transaction_id
            WHERE t.id IS NULL GROUP BY e.account_id, e.transaction_id
            """,
            row => $"{row.Cached} entries of account {row.AccountId} belong to transaction {row.Id}, which does not exist."),
        new(
            """
            SELECT e.account_id, e.unit, e.transaction_id AS id, e.line AS cached, 0 AS added, t.unit AS note FROM ledger_entries e
            JOIN ledger_transactions t ON t.account_id = e.account_id AND t.id = e.transaction_id WHERE e.unit <> t.unit
            """,
            row => $"Line {row.Cached} of transaction {row.Id} of account {row.AccountId} counts in {row.Unit} where its transaction counts in {row.Note}."),
        new(
            """
            SELECT account_id, unit, transaction_id AS id, line AS cached, 0 AS added, book AS note FROM ledger_entries
            WHERE book NOT IN ('wallet', 'owed') AND book NOT LIKE 'house:%'
            """,
            row => $"Line {row.Cached} of transaction {row.Id} of account {row.AccountId} is in a book that does not exist: {row.Note}."),
        new(
            """
            SELECT e.account_id, e.unit, e.transaction_id AS id, e.line AS cached, 0 AS added,
                CASE WHEN e.grant_id IS NULL THEN 'no lot' WHEN e.book <> 'wallet' THEN 'a lot, though its book has none: ' || e.grant_id
                    ELSE 'a lot that does not exist: ' || e.grant_id END AS note
            FROM ledger_entries e LEFT JOIN grants g ON g.account_id = e.account_id AND g.id = e.grant_id AND g.unit = e.unit
            WHERE (e.book = 'wallet' AND g.id IS NULL) OR (e.book <> 'wallet' AND e.grant_id IS NOT NULL)
            """,
            row => $"Line {row.Cached} of transaction {row.Id} of account {row.AccountId} names {row.Note}."),
    ];
}
