using Ledgerline.Kernel;

namespace Bench;

/// <summary>The yardsticks of the ledger, on the very same tables: what the database does without our code.</summary>
internal static class LedgerPeers
{
    /// <summary>A hold as it is written everywhere: one transaction that looks, updates, inserts.</summary>
    public static Task TransactionEach(LedgerWorld world, AccountId account, Ids ids) => world.Database.Write(async transaction =>
    {
        var lot = await transaction.One<(string Id, long Free)>(
            "SELECT id, remaining_micro - held_micro FROM grants WHERE account_id = @account AND unit = 'credit' AND spent = 0 {for update}", new { account });
        if (lot.Free < 1_000_000)
        {
            throw new InvalidOperationException("The benchmark's wallets never run dry.");
        }

        await transaction.Execute("UPDATE grants SET held_micro = held_micro + 1000000 WHERE account_id = @account AND id = @Id", new { account, lot.Id });
        await transaction.Execute(
            """
            INSERT INTO holds (account_id, id, unit, amount_micro, grant_id, purpose, status, expires_at, created_at)
            VALUES (@account, @hold, 'credit', 1000000, @Id, 'transcribe', 'open', @expires, @now)
            """,
            new { account, hold = ids.Text(), lot.Id, now = TimeProvider.System.GetUtcNow(), expires = TimeProvider.System.GetUtcNow().AddMinutes(10) });
    });

    /// <summary>How many holds share a transaction of <see cref="Bulk"/>.</summary>
    public const int Together = 1000;

    /// <summary>Holds in one transaction of two set-based statements, no question asked. The halves share no lot, so that two can run at once.</summary>
    public static async Task Bulk(LedgerWorld world, IReadOnlyList<(AccountId Account, string Lot)> all, int half, Ids ids)
    {
        var first = world.Below(all.Count / 2 / Together) * Together;
        var lots = Enumerable.Range(first, Together).Select(i => all[(i * 2) + half]);
        var now = TimeProvider.System.GetUtcNow();
        await world.Database.Write(transaction =>
        {
            foreach (var (account, lot) in lots)
            {
                transaction.Defer(
                    "UPDATE grants SET held_micro = grants.held_micro + 1000000 FROM {rows} WHERE grants.account_id = r.account AND grants.id = r.lot",
                    new Use(account, lot));
                transaction.Defer(
                    """
                    INSERT INTO holds (account_id, id, unit, amount_micro, grant_id, purpose, status, expires_at, created_at)
                    SELECT r.account, r.id, 'credit', 1000000, r.lot, 'transcribe', 'open', r.expires, r.now FROM {rows}
                    """,
                    new NewHold(account, ids.Text(), lot, now.AddMinutes(10), now));
            }
        });
    }

    public static async Task<IReadOnlyList<(AccountId Account, string Lot)>> Lots(LedgerWorld world)
    {
        var lots = await world.Database.Read(session => session.List<(string Account, string Lot)>("SELECT account_id, id FROM grants"));
        return [.. lots.Select(lot => (AccountId.Parse(lot.Account), lot.Lot))];
    }

    private sealed record Use(AccountId Account, string Lot);

    private sealed record NewHold(AccountId Account, string Id, string Lot, DateTimeOffset Expires, DateTimeOffset Now);
}
