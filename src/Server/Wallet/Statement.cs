using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>One row of a wallet's history: what it did to the balance, in micro-credits. All rows add to the balance.</summary>
/// <param name="Kind"><c>signup_bonus</c>, <c>purchase</c>, <c>usage</c>, <c>refund</c>, <c>repayment</c>, <c>expired</c>.</param>
/// <param name="PaymentId">The payment provider's id, where money moved.</param>
public sealed record StatementRow(string Id, string Kind, Credits Amount, string Description, string? PaymentId, DateTimeOffset CreatedAt);

/// <summary>Reads what happened to a wallet. Changes nothing.</summary>
public sealed class Statement(Database database)
{
    /// <summary>The newest rows first.</summary>
    public async Task<IReadOnlyList<StatementRow>> List(AccountId account, string unit, int limit, CancellationToken stop = default)
    {
        var rows = await database.Read(
            session => session.List<Row>(
                """
                SELECT t.id, t.kind, t.description, t.payment_id, t.created_at,
                    CAST(SUM(CASE WHEN e.book = 'wallet' THEN e.amount_micro ELSE 0 END) AS bigint) AS amount_micro
                FROM ledger_transactions t
                JOIN ledger_entries e ON e.account_id = t.account_id AND e.transaction_id = t.id
                WHERE t.account_id = @account AND t.unit = @unit
                GROUP BY t.account_id, t.id, t.kind, t.description, t.payment_id, t.created_at
                ORDER BY t.id DESC
                LIMIT @limit
                """,
                new { account, unit, limit },
                stop),
            stop);
        return [.. rows.Select(row => new StatementRow(row.Id, row.Kind, new Credits(row.AmountMicro), row.Description, row.PaymentId, row.CreatedAt))];
    }

    private sealed class Row
    {
        public required string Id { get; init; }
        public required string Kind { get; init; }
        public long AmountMicro { get; init; }
        public required string Description { get; init; }
        public string? PaymentId { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
    }
}
