using System.Globalization;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>What was refused for lack of an allowance in a month.</summary>
/// <param name="Service">One of <see cref="UsedService"/>.</param>
/// <param name="Status">Why: one of <see cref="AllowanceStatus"/>.</param>
public sealed record RefusedUse(AccountId Account, string Service, string Status, long Count)
{
    /// <summary><c>2026-11</c></summary>
    internal string Month { get; init; } = "";
}

/// <summary>The door to what was refused: counted by UTC month, so that it can be shown beside what was used.</summary>
public sealed class Refusals(Database database, TimeProvider clock)
{
    /// <param name="month"><c>2026-11</c></param>
    public Task<IReadOnlyList<RefusedUse>> Of(AccountId account, string month, CancellationToken stop = default) => database.Read(
        async session => (IReadOnlyList<RefusedUse>)
        [
            .. (await session.List<Row>(
                "SELECT service, status, refused FROM refused_uses WHERE account_id = @account AND month = @month ORDER BY service, status", new { account, month }, stop))
                .Select(row => new RefusedUse(account, row.Service, row.Status, row.Refused)),
        ],
        stop);

    /// <summary>One more, refused by somebody who knows no allowances.</summary>
    public void Count(Transaction transaction, AccountId account, string service, string status) => Count(transaction, account, service, status, clock.GetUtcNow());

    internal static void Count(Transaction transaction, AccountId account, string service, string status, DateTimeOffset now) =>
        transaction.Gather(new RefusedUse(account, service, status, 1) { Month = now.UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture) }, WriteAll);

    // One row a kind of refusal, in one order everywhere.
    private static Task WriteAll(Transaction transaction, IReadOnlyList<RefusedUse> refused, CancellationToken stop)
    {
        foreach (var same in refused.GroupBy(one => new RefusedRow(one.Account, one.Month, one.Service, one.Status, 0)).OrderBy(same => same.Key.Account)
            .ThenBy(same => same.Key.Service, StringComparer.Ordinal).ThenBy(same => same.Key.Status, StringComparer.Ordinal))
        {
            transaction.Defer(
                """
                INSERT INTO refused_uses (account_id, month, service, status, refused) SELECT r.account, r.month, r.service, r.status, r.count FROM {rows} WHERE true
                ON CONFLICT (account_id, month, service, status) DO UPDATE SET refused = refused_uses.refused + excluded.refused
                """,
                same.Key with { Count = same.Sum(one => one.Count) });
        }

        return Task.CompletedTask;
    }

    private readonly record struct RefusedRow(AccountId Account, string Month, string Service, string Status, long Count);

    private sealed class Row
    {
        public required string Service { get; init; }
        public required string Status { get; init; }
        public long Refused { get; init; }
    }
}
