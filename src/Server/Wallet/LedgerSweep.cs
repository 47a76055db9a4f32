using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Wallet;

/// <summary>
/// Ends the open holds whose time is over, many with one statement. Their wallets are locked first, as by everything that ends a hold;
/// what they reserve is read as sums and given back lot by lot; then one update ends all of them.
/// </summary>
internal sealed class LedgerSweep(Database database, LedgerStore store, LedgerBatch batch, TimeProvider clock)
{
    // A wallet is the dearer part of a sweep, so what is due is rather taken at once. Fewer, and busy wallets would be locked again and again.
    private const int AtOnce = 100_000;

    private const string IsDue = "status = 'open' AND expires_at <= @until";

    /// <summary>Answers how many holds ended.</summary>
    public async Task<int> Run(CancellationToken stop)
    {
        var swept = 0;
        while (await Due(stop) is { } until)
        {
            try
            {
                swept += await database.Write(transaction => Release(transaction, until, stop), stop);
            }
            catch (HoldsChanged)
            {
                // Nothing happened. What came meanwhile is seen now.
            }
        }

        return swept;
    }

    // Everything that has expired until then is due; null when nothing is.
    private Task<DateTimeOffset?> Due(CancellationToken stop) => database.Read(
        async session => (await session.One<Cut>(
            $"""
            SELECT MAX(expires_at) AS until FROM (SELECT expires_at FROM holds WHERE status = 'open' AND expires_at <= @now ORDER BY expires_at LIMIT {AtOnce}) due
            """,
            new { now = clock.GetUtcNow() },
            stop)).Until,
        stop);

    private async Task<int> Release(Transaction transaction, DateTimeOffset until, CancellationToken stop)
    {
        var wallets = await transaction.List<DueHolds>($"SELECT DISTINCT account_id, unit FROM holds WHERE {IsDue}", new { until }, stop);
        var operations = wallets.Select(wallet => new SweepOperation(wallet.AccountId, wallet.Unit)).ToDictionary(wallet => (wallet.Account, wallet.Unit));
        var books = await store.Open(transaction, [.. operations.Values], careful: false, stop);
        var (holds, several) = await Read(transaction, operations, until, stop);
        if (holds == 0)
        {
            return 0;
        }

        var counted = operations.Values.SelectMany(wallet => wallet.Due).Where(due => due.Budget is not null).Select(due => (due.AccountId, due.Unit, due.Budget!));
        await new BudgetReads(transaction, counted, []).Join(books, stop);
        await batch.Apply(transaction, [.. operations.Values], books, stop);
        if (several)
        {
            await transaction.Execute(
                $"DELETE FROM hold_lots WHERE (hold_id, account_id) IN (SELECT id, account_id FROM holds WHERE {IsDue} AND grant_id IS NULL)", new { until }, stop);
        }

        var ended = await transaction.Execute(
            $"UPDATE holds SET status = '{HoldStatus.Expired}', resolved_at = @now WHERE {IsDue}", new { until, now = clock.GetUtcNow() }, stop);
        return ended == holds ? holds : throw new HoldsChanged();
    }

    // The locked wallets' holds cannot change any more. A hold of another wallet came meanwhile, and had been over when it came.
    private static async Task<(int Holds, bool Several)> Read(
        Transaction transaction, Dictionary<(AccountId, string), SweepOperation> operations, DateTimeOffset until, CancellationToken stop)
    {
        var all = await transaction.List<DueHolds>(
            $"""
            SELECT account_id, unit, grant_id, budget, COUNT(*) AS holds, CAST(SUM(amount_micro) AS bigint) AS amount_micro
            FROM holds WHERE {IsDue} GROUP BY account_id, unit, grant_id, budget
            """,
            new { until },
            stop);
        foreach (var due in all)
        {
            Of(due).Due.Add(due);
        }

        var several = all.Any(due => due.GrantId is null);
        if (several)
        {
            var parts = await transaction.List<DueHolds>(
                $"""
                SELECT h.account_id, h.unit, l.grant_id, CAST(SUM(l.amount_micro) AS bigint) AS amount_micro
                FROM holds h JOIN hold_lots l ON l.hold_id = h.id AND l.account_id = h.account_id
                WHERE {IsDue} AND h.grant_id IS NULL GROUP BY h.account_id, h.unit, l.grant_id
                """,
                new { until },
                stop);
            foreach (var part in parts)
            {
                Of(part).DueOverLots.Add(new HoldLot(part.GrantId!, part.AmountMicro));
            }
        }

        return (all.Sum(due => due.Holds), several);

        SweepOperation Of(DueHolds due) => operations.GetValueOrDefault((due.AccountId, due.Unit)) ?? throw new HoldsChanged();
    }

    private sealed class Cut
    {
        public DateTimeOffset? Until { get; init; }
    }

    /// <summary>Other holds are due than those that were locked.</summary>
    private sealed class HoldsChanged : Exception;
}
