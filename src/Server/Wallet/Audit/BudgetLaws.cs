using Ledgerline.Persistence.Audit;

namespace Ledgerline.Wallet.Audit;

/// <summary>What must hold for what is counted besides the wallet, such as an API key's spending.</summary>
internal static class BudgetLaws
{
    public static readonly Law[] All =
    [
        new(
            """
            SELECT b.account_id, b.unit, b.name AS id, b.held_micro AS cached, COALESCE(h.added, 0) AS added, '' AS note FROM budgets b
            LEFT JOIN (
                SELECT account_id, unit, budget, CAST(SUM(amount_micro) AS bigint) AS added FROM holds WHERE status = 'open' GROUP BY account_id, unit, budget
            ) AS h ON h.account_id = b.account_id AND h.unit = b.unit AND h.budget = b.name
            WHERE b.held_micro <> COALESCE(h.added, 0)
            """,
            row => $"Budget {row.Id} of account {row.AccountId} has {row.Kept} held where its open holds add to {row.Readded}: {row.By}."),
        new(
            """
            SELECT b.account_id, b.unit, b.name AS id, b.spent_micro AS cached, COALESCE(h.added, 0) AS added, '' AS note FROM budgets b
            LEFT JOIN (
                SELECT account_id, unit, budget, CAST(SUM(captured_micro) AS bigint) AS added FROM holds WHERE status = 'captured' GROUP BY account_id, unit, budget
            ) AS h ON h.account_id = b.account_id AND h.unit = b.unit AND h.budget = b.name
            WHERE b.spent_micro <> COALESCE(h.added, 0)
            """,
            row => $"Budget {row.Id} of account {row.AccountId} has {row.Kept} spent where its holds were charged {row.Readded}: {row.By}."),
        new(
            """
            SELECT h.account_id, h.unit, h.budget AS id, COUNT(*) AS cached, 0 AS added, '' AS note FROM holds h
            LEFT JOIN budgets b ON b.account_id = h.account_id AND b.unit = h.unit AND b.name = h.budget
            WHERE h.budget IS NOT NULL AND b.name IS NULL GROUP BY h.account_id, h.unit, h.budget
            """,
            row => $"{row.Cached} holds of account {row.AccountId} are counted in budget {row.Id}, which does not exist."),
    ];
}
