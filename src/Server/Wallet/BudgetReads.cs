using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>Budgets asked for by their names, and by the holds that are counted in them; they are locked, those that exist.</summary>
internal sealed class BudgetReads
{
    private readonly List<BudgetPlace> places;
    private readonly Question<BudgetInPlace> question;

    public BudgetReads(Transaction transaction, IEnumerable<LedgerOperation> operations, IEnumerable<HoldPlace> holds)
        : this(transaction, operations.Select(operation => (operation.Account, operation.Unit, operation.Budget!)), holds)
    {
    }

    public BudgetReads(Transaction transaction, IEnumerable<(AccountId Account, string Unit, string Name)> names, IEnumerable<HoldPlace> holds)
    {
        places = [];
        foreach (var (account, unit, name) in names.Distinct())
        {
            places.Add(new BudgetPlace(account, unit, name, null, places.Count));
        }

        foreach (var (account, unit, hold) in holds)
        {
            places.Add(new BudgetPlace(account, unit, null, hold, places.Count));
        }

        // In one statement, so that they are locked in one order. A hold's budget never changes, so nobody needs to have locked the hold.
        question = transaction.Ask<BudgetInPlace, BudgetPlace>(
            """
            SELECT r.number AS place, b.name, b.spent_micro, b.held_micro FROM {rows} CROSS JOIN budgets b
            WHERE b.account_id = r.account AND b.unit = r.unit
                AND b.name = COALESCE(r.name, (SELECT h.budget FROM holds h WHERE h.account_id = r.account AND h.id = r.hold))
            ORDER BY b.account_id, b.unit, b.name {for update of b}
            """,
            places);
    }

    /// <summary>They join the books that are open.</summary>
    public async Task Join(Dictionary<(AccountId, string), WalletBook> books, CancellationToken stop)
    {
        foreach (var row in await question.Answers(stop))
        {
            if (books.TryGetValue((places[row.Place].Account, places[row.Place].Unit), out var book))
            {
                book.Join(BudgetRow.Of(row.Name, row.SpentMicro, row.HeldMicro));
            }
        }
    }

    private readonly record struct BudgetPlace(AccountId Account, string Unit, string? Name, string? Hold, int Number);

    private sealed class BudgetInPlace
    {
        public int Place { get; init; }
        public required string Name { get; init; }
        public long SpentMicro { get; init; }
        public long HeldMicro { get; init; }
    }
}
