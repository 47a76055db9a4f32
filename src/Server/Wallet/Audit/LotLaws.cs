using Ledgerline.Persistence.Audit;

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
                SELECT 'transaction ' || t.id FROM ledger_transactions t
                JOIN ledger_entries e ON e.transaction_id = t.id AND e.account_id = t.account_id AND e.grant_id = @Id AND e.book = 'wallet'
                WHERE t.account_id = @AccountId GROUP BY t.id HAVING SUM(e.amount_micro) = @Minus ORDER BY t.id DESC
                """,
                " alone is exactly that: it is in the entries and not in the lot")),
        new(
            // What a hold reserves of the one lot that covers it stands with the hold, what it reserves of several in hold_lots.
            """
            SELECT g.account_id, g.unit, g.id, g.held_micro AS cached, COALESCE(r.added, 0) AS added, g.source AS note FROM grants g
            LEFT JOIN (
                SELECT account_id, grant_id, CAST(SUM(amount_micro) AS bigint) AS added FROM (
                    SELECT account_id, grant_id, amount_micro FROM holds WHERE status = 'open' AND grant_id IS NOT NULL
                    UNION ALL SELECT account_id, grant_id, amount_micro FROM hold_lots) AS reserved
                GROUP BY account_id, grant_id
            ) AS r ON r.account_id = g.account_id AND r.grant_id = g.id
            WHERE g.held_micro <> COALESCE(r.added, 0)
            """,
            row => $"{row.Kept} are held of lot {row.Id} ({row.Note}) of account {row.AccountId} where its holds reserve {row.Readded}: {row.By}.",
            new Clue(
                """
                SELECT 'hold ' || hold_id FROM (
                    SELECT hold_id FROM hold_lots WHERE account_id = @AccountId AND grant_id = @Id AND amount_micro = @Minus
                    UNION SELECT id FROM holds WHERE account_id = @AccountId AND grant_id = @Id AND status = 'open' AND amount_micro = @Minus) AS reserved
                ORDER BY hold_id DESC
                """,
                " reserves exactly that: the lot does not know of it"),
            new Clue(
                """
                SELECT 'hold ' || id || ', now ' || status || ',' FROM holds
                WHERE account_id = @AccountId AND grant_id = @Id AND status <> 'open' AND amount_micro = @Off ORDER BY resolved_at DESC, id DESC
                """,
                " reserved exactly that: its end did not reach the lot"),
            new Clue(
                """
                SELECT 'hold ' || h.id FROM holds h LEFT JOIN hold_lots l ON l.account_id = h.account_id AND l.hold_id = h.id
                WHERE h.account_id = @AccountId AND h.unit = @Unit AND h.status = 'open' AND h.grant_id IS NULL
                GROUP BY h.id, h.amount_micro HAVING h.amount_micro - COALESCE(SUM(l.amount_micro), 0) = @Off ORDER BY h.id DESC
                """,
                " is open and lacks exactly that in its lots")),
        new(
            // A lot that is marked as spent is not looked at when somebody spends.
            """
            SELECT account_id, unit, id, remaining_micro AS cached, 0 AS added, CASE WHEN spent = 0 THEN 'not spent' ELSE 'spent' END AS note FROM grants
            WHERE (spent = 0 AND remaining_micro = 0) OR (spent <> 0 AND remaining_micro <> 0)
            """,
            row => $"{row.Kept} are left of lot {row.Id} of account {row.AccountId}, which is marked as {row.Note}."),
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
                SELECT 1 FROM ledger_transactions t
                JOIN ledger_entries e ON e.transaction_id = t.id AND e.account_id = t.account_id AND e.grant_id = g.id
                    AND e.book = 'wallet' AND e.amount_micro = g.amount_micro
                WHERE g.grant_key LIKE '%:returned:' || g.id AND t.account_id = g.account_id AND t.kind = 'refund')
            """,
            row => $"Lot {row.Id} of account {row.AccountId} brought {row.Kept} and no booking says that they came from {row.Note}."),
    ];
}
