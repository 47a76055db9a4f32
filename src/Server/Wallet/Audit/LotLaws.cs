namespace Ledgerline.Wallet.Audit;

/// <summary>What must hold for each lot of credits.</summary>
internal static class LotLaws
{
    public static readonly Law[] All =
    [
        new(
            """
            SELECT g.account_id, g.unit, g.id, g.remaining_micro AS cached, COALESCE(e.added, 0) AS added, g.source AS note FROM grants g
            LEFT JOIN (
                SELECT account_id, grant_id, CAST(SUM(amount_micro) AS bigint) AS added FROM ledger_entries WHERE book = 'wallet' GROUP BY account_id, grant_id
            ) AS e ON e.account_id = g.account_id AND e.grant_id = g.id
            WHERE g.remaining_micro <> COALESCE(e.added, 0)
            """,
            row => $"{row.Kept} are left of lot {row.Id} ({row.Note}) of account {row.AccountId} where its entries add to {row.Readded}: {row.By}.",
            new Clue(
                """
                SELECT 'transaction ' || transaction_id FROM ledger_entries WHERE account_id = @AccountId AND grant_id = @Id AND book = 'wallet'
                GROUP BY transaction_id HAVING SUM(amount_micro) = @Minus ORDER BY transaction_id DESC
                """,
                " alone is exactly that: it is in the entries and not in the lot")),
        new(
            """
            SELECT g.account_id, g.unit, g.id, g.held_micro AS cached, COALESCE(l.added, 0) AS added, g.source AS note FROM grants g
            LEFT JOIN (SELECT account_id, grant_id, CAST(SUM(amount_micro) AS bigint) AS added FROM hold_lots GROUP BY account_id, grant_id) AS l
                ON l.account_id = g.account_id AND l.grant_id = g.id
            WHERE g.held_micro <> COALESCE(l.added, 0)
            """,
            row => $"{row.Kept} are held of lot {row.Id} ({row.Note}) of account {row.AccountId} where its holds reserve {row.Readded}: {row.By}.",
            new Clue(
                "SELECT 'hold ' || hold_id FROM hold_lots WHERE account_id = @AccountId AND grant_id = @Id AND amount_micro = @Minus ORDER BY hold_id DESC",
                " reserves exactly that: the lot does not know of it"),
            new Clue(
                """
                SELECT 'hold ' || h.id FROM holds h LEFT JOIN hold_lots l ON l.account_id = h.account_id AND l.hold_id = h.id
                WHERE h.account_id = @AccountId AND h.unit = @Unit AND h.status = 'open'
                GROUP BY h.id, h.amount_micro HAVING h.amount_micro - COALESCE(SUM(l.amount_micro), 0) = @Off ORDER BY h.id DESC
                """,
                " is open and lacks exactly that in its lots")),
        new(
            // What was given back for want of room in its own lot has no source but the refund that gave it back.
            """
            SELECT g.account_id, g.unit, g.id, g.amount_micro AS cached, 0 AS added, g.source AS note FROM grants g
            WHERE NOT EXISTS (
                SELECT 1 FROM ledger_transactions t
                JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id AND e.grant_id = g.id
                    AND e.book = 'wallet' AND e.amount_micro = g.amount_micro
                JOIN ledger_entries s ON s.account_id = t.account_id AND s.transaction_id = t.id
                    AND s.book = 'house:granted:' || g.source AND s.amount_micro = -g.amount_micro
                WHERE t.account_id = g.account_id AND t.transaction_key = g.grant_key AND t.kind = g.source)
            AND NOT EXISTS (
                SELECT 1 FROM ledger_entries e JOIN ledger_transactions t ON t.account_id = e.account_id AND t.id = e.transaction_id AND t.kind = 'refund'
                WHERE g.grant_key LIKE '%:returned:' || g.id AND e.account_id = g.account_id AND e.grant_id = g.id
                    AND e.book = 'wallet' AND e.amount_micro = g.amount_micro)
            """,
            row => $"Lot {row.Id} of account {row.AccountId} brought {row.Kept} and no booking says that they came from {row.Note}."),
    ];
}
