using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Usage;

/// <summary>What an account used since an instant.</summary>
/// <param name="Requests">How many paid requests.</param>
public sealed record UsageTotals(long Requests, Credits Credits, TimeSpan Duration);

/// <summary>Adds up usage records for those who show them.</summary>
public sealed class UsageSummary(Database database)
{
    public async Task<UsageTotals> Since(AccountId account, string unit, DateTimeOffset since, CancellationToken stop = default)
    {
        var row = await database.Read(
            session => session.One<Row>(
                """
                SELECT COUNT(*) AS requests, CAST(COALESCE(SUM(credits_micro), 0) AS bigint) AS credits_micro,
                    CAST(COALESCE(SUM(duration_ms), 0) AS bigint) AS duration_ms
                FROM usage_records WHERE account_id = @account AND unit = @unit AND created_at >= @since AND funding = 'credits'
                """,
                new { account, unit, since },
                stop),
            stop);
        return new UsageTotals(row.Requests, new Credits(row.CreditsMicro), TimeSpan.FromMilliseconds(row.DurationMs));
    }

    private sealed class Row
    {
        public long Requests { get; init; }
        public long CreditsMicro { get; init; }
        public long DurationMs { get; init; }
    }
}
