using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>Re-adds every book from its entries and says in a sentence each what does not agree with what is cached.</summary>
public sealed class LedgerAudit(Database database)
{
    // Each query answers the rows that break one law; no row means the law holds. One statement sees one moment, so this is
    // right also while money moves.
    private static readonly (string Law, string Sql)[] Laws =
    [
        ("the entries of transaction {0} add to {1}, not to zero",
            """
            SELECT transaction_id AS a, CAST(SUM(amount_micro) AS bigint) AS b, 0 AS c FROM ledger_entries
            GROUP BY account_id, transaction_id, unit HAVING SUM(amount_micro) <> 0
            """),
        ("transaction {0} has {1} entries",
            """
            SELECT t.id AS a, COUNT(e.line) AS b, 0 AS c FROM ledger_transactions t
            LEFT JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id
            GROUP BY t.account_id, t.id HAVING COUNT(e.line) < 2
            """),
        ("account {0} has {1} in its lots where its entries add to {2}",
            """
            SELECT b.account_id AS a, CAST(SUM(b.lots) AS bigint) AS b, CAST(SUM(b.entries) AS bigint) AS c FROM (
                SELECT account_id, unit, remaining_micro AS lots, 0 AS entries FROM grants
                UNION ALL SELECT account_id, unit, 0, amount_micro FROM ledger_entries WHERE book = 'wallet') b
            GROUP BY b.account_id, b.unit HAVING SUM(b.lots) <> SUM(b.entries)
            """),
        ("account {0} owes {1} where its entries add to {2}",
            """
            SELECT w.account_id AS a, w.owed_micro AS b, CAST(-COALESCE(SUM(e.amount_micro), 0) AS bigint) AS c FROM wallets w
            LEFT JOIN ledger_entries e ON e.account_id = w.account_id AND e.unit = w.unit AND e.book = 'owed'
            GROUP BY w.account_id, w.unit, w.owed_micro HAVING -COALESCE(SUM(e.amount_micro), 0) <> w.owed_micro
            """),
        ("lot {0} has {1} held where its open holds reserve {2}",
            """
            SELECT b.grant_id AS a, CAST(SUM(b.held) AS bigint) AS b, CAST(SUM(b.reserved) AS bigint) AS c FROM (
                SELECT account_id, id AS grant_id, held_micro AS held, 0 AS reserved FROM grants
                UNION ALL SELECT account_id, grant_id, 0, amount_micro FROM holds WHERE status = 'open' AND grant_id IS NOT NULL
                UNION ALL SELECT account_id, grant_id, 0, amount_micro FROM hold_lots) b
            GROUP BY b.account_id, b.grant_id HAVING SUM(b.held) <> SUM(b.reserved)
            """),
        ("hold {0} is over {1} where its lots add to {2}",
            """
            SELECT h.id AS a, h.amount_micro AS b, CAST(COALESCE(SUM(l.amount_micro), 0) AS bigint) AS c FROM holds h
            LEFT JOIN hold_lots l ON l.account_id = h.account_id AND l.hold_id = h.id
            WHERE h.status = 'open' AND h.grant_id IS NULL
            GROUP BY h.account_id, h.id, h.amount_micro HAVING COALESCE(SUM(l.amount_micro), 0) <> h.amount_micro
            """),
        ("lot {0} has {1} left where its entries add to {2}",
            """
            SELECT g.id AS a, g.remaining_micro AS b, CAST(COALESCE(SUM(e.amount_micro), 0) AS bigint) AS c FROM grants g
            LEFT JOIN ledger_entries e ON e.account_id = g.account_id AND e.grant_id = g.id AND e.book = 'wallet'
            GROUP BY g.account_id, g.id, g.remaining_micro HAVING COALESCE(SUM(e.amount_micro), 0) <> g.remaining_micro
            """),
        ("hold {0} was captured for {1} and its booking says {2}",
            """
            SELECT h.id AS a, h.captured_micro AS b, CAST(COALESCE(SUM(e.amount_micro), 0) AS bigint) AS c FROM holds h
            LEFT JOIN ledger_transactions t ON t.account_id = h.account_id AND t.transaction_key = 'capture:' || h.id || ':' || h.account_id
            LEFT JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id AND e.amount_micro > 0
            WHERE h.status = 'captured'
            GROUP BY h.account_id, h.id, h.captured_micro HAVING COALESCE(SUM(e.amount_micro), 0) <> h.captured_micro
            """),
        ("budget {0} has {1} held where its open holds add to {2}",
            """
            SELECT b.name AS a, b.held_micro AS b, CAST(COALESCE(SUM(h.amount_micro), 0) AS bigint) AS c FROM budgets b
            LEFT JOIN holds h ON h.account_id = b.account_id AND h.unit = b.unit AND h.budget = b.name AND h.status = 'open'
            GROUP BY b.account_id, b.unit, b.name, b.held_micro HAVING COALESCE(SUM(h.amount_micro), 0) <> b.held_micro
            """),
        ("budget {0} has {1} spent where its holds were captured for {2}",
            """
            SELECT b.name AS a, b.spent_micro AS b, CAST(COALESCE(SUM(h.captured_micro), 0) AS bigint) AS c FROM budgets b
            LEFT JOIN holds h ON h.account_id = b.account_id AND h.unit = b.unit AND h.budget = b.name AND h.status = 'captured'
            GROUP BY b.account_id, b.unit, b.name, b.spent_micro HAVING COALESCE(SUM(h.captured_micro), 0) <> b.spent_micro
            """),
        ("account {0} owes {2} while {1} lie free",
            """
            SELECT w.account_id AS a, CAST(SUM(g.remaining_micro - g.held_micro) AS bigint) AS b, w.owed_micro AS c FROM wallets w
            JOIN grants g ON g.account_id = w.account_id AND g.unit = w.unit
            WHERE w.owed_micro > 0 GROUP BY w.account_id, w.unit, w.owed_micro HAVING SUM(g.remaining_micro - g.held_micro) > 0
            """),
    ];

    /// <summary>One sentence a difference; none when every book balances. Amounts in micro-credits.</summary>
    /// <summary>How many holds are neither captured nor released, over all accounts.</summary>
    public Task<long> OpenHolds(CancellationToken stop = default) => database.Read(
        session => session.One<long>("SELECT count(*) FROM holds WHERE status = 'open'", stop: stop), stop);

    public Task<IReadOnlyList<string>> Run(CancellationToken stop = default) => database.Read<IReadOnlyList<string>>(
        async session =>
        {
            List<string> differences = [];
            foreach (var (law, sql) in Laws)
            {
                foreach (var row in await session.List<Difference>(sql, stop: stop))
                {
                    differences.Add(string.Format(System.Globalization.CultureInfo.InvariantCulture, law, row.A, row.B, row.C));
                }
            }

            return differences;
        },
        stop);

    private sealed class Difference
    {
        public required string A { get; init; }
        public long B { get; init; }
        public long C { get; init; }
    }
}
