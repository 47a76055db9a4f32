using Ledgerline.Persistence.Audit;

namespace Ledgerline.Wallet.Audit;

/// <summary>What must hold for each hold: what it reserves, and how it ended.</summary>
internal static class HoldLaws
{
    public static readonly Law[] All =
    [
        new(
            """
            SELECT h.account_id, h.unit, h.id, h.amount_micro AS cached, COALESCE(l.added, 0) AS added, '' AS note FROM holds h
            LEFT JOIN (SELECT account_id, hold_id, CAST(SUM(amount_micro) AS bigint) AS added FROM hold_lots GROUP BY account_id, hold_id) AS l
                ON l.account_id = h.account_id AND l.hold_id = h.id
            WHERE h.status = 'open' AND h.grant_id IS NULL AND h.amount_micro <> COALESCE(l.added, 0)
            """,
            row => $"Hold {row.Id} of account {row.AccountId} reserves {row.Kept} where its lots add to {row.Readded}: {row.By}."),
        new(
            """
            SELECT l.account_id, h.unit, l.hold_id AS id, COUNT(*) AS cached, 0 AS added, h.grant_id AS note FROM hold_lots l
            JOIN holds h ON h.account_id = l.account_id AND h.id = l.hold_id
            WHERE h.status = 'open' AND h.grant_id IS NOT NULL GROUP BY l.account_id, h.unit, l.hold_id, h.grant_id
            """,
            row => $"Lot {row.Note} covers hold {row.Id} of account {row.AccountId} alone, and {row.Cached} lots are reserved for it beside that."),
        new(
            """
            SELECT l.account_id, '' AS unit, l.hold_id AS id, COUNT(*) AS cached, 0 AS added, COALESCE(MIN(h.status), 'not there at all') AS note FROM hold_lots l
            LEFT JOIN holds h ON h.account_id = l.account_id AND h.id = l.hold_id
            WHERE h.id IS NULL OR h.status <> 'open' GROUP BY l.account_id, l.hold_id
            """,
            row => $"{row.Cached} lots of account {row.AccountId} are reserved for hold {row.Id}, which is {row.Note}."),
        new(
            """
            SELECT r.account_id, r.unit, r.id, r.amount_micro AS cached, 0 AS added, r.grant_id AS note FROM (
                SELECT account_id, unit, id, amount_micro, grant_id FROM holds WHERE grant_id IS NOT NULL
                UNION ALL SELECT l.account_id, h.unit, l.hold_id, l.amount_micro, l.grant_id FROM hold_lots l
                JOIN holds h ON h.account_id = l.account_id AND h.id = l.hold_id) AS r
            LEFT JOIN grants g ON g.account_id = r.account_id AND g.id = r.grant_id AND g.unit = r.unit
            WHERE g.id IS NULL
            """,
            row => $"Hold {row.Id} of account {row.AccountId} counts on {row.Kept} of lot {row.Note}, which does not exist in its unit."),
        new(
            """
            SELECT h.account_id, h.unit, h.id, h.captured_micro AS cached, CAST(COALESCE(SUM(e.amount_micro), 0) AS bigint) AS added,
                COALESCE('transaction ' || MIN(t.id), 'no booking') AS note
            FROM holds h
            LEFT JOIN ledger_transactions t ON t.account_id = h.account_id AND t.transaction_key = 'capture:' || h.id || ':' || h.account_id
            LEFT JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id AND e.book = 'house:earned:' || h.purpose
            WHERE h.status = 'captured'
            GROUP BY h.account_id, h.unit, h.id, h.captured_micro HAVING COALESCE(SUM(e.amount_micro), 0) <> h.captured_micro
            """,
            row => $"Hold {row.Id} of account {row.AccountId} was captured for {row.Kept} where {row.Note} earned {row.Readded}: {row.By}."),
        new(
            // The key is capture:HOLD:ACCOUNT. Cutting the hold's id out of it finds the hold by its key.
            """
            SELECT t.account_id, t.unit, t.id, 0 AS cached, 0 AS added, COALESCE(h.status, 'not there at all') AS note FROM ledger_transactions t
            LEFT JOIN holds h ON h.account_id = t.account_id AND t.transaction_key = 'capture:' || h.id || ':' || t.account_id
                AND h.id = CASE WHEN LENGTH(t.transaction_key) > LENGTH(t.account_id) + 9
                    THEN SUBSTR(t.transaction_key, 9, LENGTH(t.transaction_key) - LENGTH(t.account_id) - 9) END
            WHERE t.transaction_key LIKE 'capture:%' AND (h.id IS NULL OR h.status <> 'captured')
            """,
            row => $"Transaction {row.Id} of account {row.AccountId} charges for a hold that is {row.Note}, not captured."),
        new(
            """
            SELECT account_id, unit, id, 0 AS cached, 0 AS added, status AS note FROM holds
            WHERE (status = 'captured' AND captured_micro IS NULL) OR (status <> 'captured' AND captured_micro IS NOT NULL)
                OR (status = 'open' AND resolved_at IS NOT NULL) OR (status <> 'open' AND resolved_at IS NULL)
            """,
            row => $"Hold {row.Id} of account {row.AccountId} is {row.Note} and says something else of its end."),
    ];

    /// <summary>No money is wrong, but the sweeper has not been here for an hour.</summary>
    public static readonly Law[] Warnings =
    [
        new(
            """
            SELECT account_id, unit, id, amount_micro AS cached, CAST((@now - expires_at) / 60000 AS bigint) AS added, '' AS note FROM holds
            WHERE status = 'open' AND expires_at < @now - 3600000
            """,
            row => $"Hold {row.Id} of account {row.AccountId} still reserves {row.Kept} {row.Added} minutes after it expired: nothing sweeps."),
    ];
}
