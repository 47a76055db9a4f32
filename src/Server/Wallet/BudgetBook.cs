using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>The rows of budgets. Written within the transaction of the hold, the wallet's row locked before: so the limit is exact.</summary>
internal static class BudgetBook
{
    private const string One = "account_id = @account AND unit = @unit AND name = @name";

    /// <summary>Null when the order fits its budget or has none; locks the budget's row.</summary>
    public static async Task<BudgetState?> Over(Transaction transaction, HoldOrder order, CancellationToken stop)
    {
        if (order.Budget is not { Limit: { } limit } budget)
        {
            return null;
        }

        var row = await transaction.Maybe<BudgetRow>(
            $"SELECT spent_micro, held_micro FROM budgets WHERE {One} {{for update}}",
            new { account = order.Account, unit = order.Unit, name = budget.Name },
            stop) ?? new BudgetRow();
        return row.SpentMicro + row.HeldMicro + order.Amount.Micro <= limit.Micro
            ? null
            : new BudgetState(new Credits(row.SpentMicro), new Credits(row.HeldMicro), limit);
    }

    /// <summary>Counts a hold that was taken; the first one makes the row.</summary>
    public static Task Hold(Transaction transaction, HoldOrder order, CancellationToken stop) => order.Budget is not { } budget
        ? Task.CompletedTask
        : transaction.Execute(
            """
            INSERT INTO budgets (account_id, unit, name, held_micro) VALUES (@account, @unit, @name, @amount)
            ON CONFLICT (account_id, unit, name) DO UPDATE SET held_micro = budgets.held_micro + @amount
            """,
            new { account = order.Account, unit = order.Unit, name = budget.Name, amount = order.Amount.Micro },
            stop);

    /// <summary>Counts a hold that ended, and what was charged for it. A hold that had expired before holds nothing any more.</summary>
    public static Task Resolve(Transaction transaction, AccountId account, HoldRow hold, long spentMicro, CancellationToken stop) => hold.Budget is null
        ? Task.CompletedTask
        : transaction.Execute(
            $"UPDATE budgets SET held_micro = held_micro - @held, spent_micro = spent_micro + @spentMicro WHERE {One}",
            new { account, unit = hold.Unit, name = hold.Budget, held = hold.Status == HoldStatus.Open ? hold.AmountMicro : 0, spentMicro },
            stop);

    private sealed class BudgetRow
    {
        public long SpentMicro { get; init; }
        public long HeldMicro { get; init; }
    }
}
