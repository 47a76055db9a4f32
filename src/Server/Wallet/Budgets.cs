using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>Reads what was spent in the name of an account's budgets. Changes nothing.</summary>
public sealed class Budgets(Database database)
{
    /// <summary>By the budget's name; one that never held anything is missing.</summary>
    public async Task<IReadOnlyDictionary<string, Credits>> Spent(AccountId account, string unit, CancellationToken stop = default)
    {
        var rows = await database.Read(
            session => session.List<Row>("SELECT name, spent_micro FROM budgets WHERE account_id = @account AND unit = @unit", new { account, unit }, stop), stop);
        return rows.ToDictionary(row => row.Name, row => new Credits(row.SpentMicro), StringComparer.Ordinal);
    }

    private sealed class Row
    {
        public required string Name { get; init; }
        public long SpentMicro { get; init; }
    }
}
