using Ledgerline.Persistence;
using Ledgerline.Persistence.Audit;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>Holds the usage records against what was charged: each charge is for something that was used, and the other way round.</summary>
public static class UsageAudit
{
    /// <summary>
    /// What the subscription that pays by use has to be charged for, as a relation for others to hold their own records against:
    /// <c>account_id</c>, <c>id</c>, <c>service</c>, <c>amount</c>, <c>total_cents</c>.
    /// </summary>
    public const string BilledUses = "(SELECT account_id, CAST(id AS text) AS id, service, amount, total_cents FROM service_usage WHERE is_billed)";

    private static readonly Law[] Laws =
    [
        new(
            """
            SELECT account_id, service AS unit, CAST(id AS text) AS id, total_cents AS cached, (total_micro + 5000) / 10000 AS added, unit_price AS note
            FROM service_usage WHERE total_cents <> (total_micro + 5000) / 10000
            """,
            row => $"Usage {row.Id} of account {row.AccountId} says {row.Cached} cents for {row.Unit} where its exact cost rounds to {row.Added}."),
        new(
            $"""
            SELECT u.account_id, u.unit, u.id, u.credits_micro AS cached, 0 AS added, u.hold_id AS note FROM usage_records u
            LEFT JOIN {LedgerAudit.CapturedHolds} AS h ON h.account_id = u.account_id AND h.id = u.hold_id
            WHERE h.id IS NULL AND u.funding = 'credits'
            """,
            row => $"Usage record {row.Id} of account {row.AccountId} says that {row.Kept} were charged for hold {row.Note}, which was not captured."),
        new(
            $"""
            SELECT h.account_id, h.unit, h.id, h.captured_micro AS cached, 0 AS added, '' AS note FROM {LedgerAudit.CapturedHolds} AS h
            LEFT JOIN usage_records u ON u.account_id = h.account_id AND u.hold_id = h.id AND u.funding = 'credits' WHERE u.id IS NULL
            """,
            row => $"{row.Kept} were charged for hold {row.Id} of account {row.AccountId} and no usage record says what for."),
        new(
            $"""
            SELECT u.account_id, u.unit, u.id, u.credits_micro AS cached, h.captured_micro AS added, h.unit AS note FROM usage_records u
            JOIN {LedgerAudit.CapturedHolds} AS h ON h.account_id = u.account_id AND h.id = u.hold_id
            WHERE u.funding = 'credits' AND (u.credits_micro <> h.captured_micro OR u.unit <> h.unit)
            """,
            row => row.Unit == row.Note
                ? $"Usage record {row.Id} of account {row.AccountId} says {row.Kept} where {row.Readded} were charged: {row.By}."
                : $"Usage record {row.Id} of account {row.AccountId} counts in {row.Unit} where {row.Note} were charged."),
        new(
            """
            SELECT account_id, unit, id, credits_micro AS cached, 0 AS added, funding AS note FROM usage_records
            WHERE funding <> 'credits' AND (funding <> 'allowance' OR credits_micro <> 0)
            """,
            row => $"Usage record {row.Id} of account {row.AccountId} says that {row.Kept} were charged, and that it was paid by {row.Note}."),
    ];

    /// <summary>Adds to the report what the caller's session sees.</summary>
    public static async Task Inspect(Session session, AuditReport report, DateTimeOffset now, CancellationToken stop = default)
    {
        report.Count(await session.One<long>("SELECT COUNT(*) FROM usage_records", stop: stop), "usage records");
        report.Count(await session.One<long>("SELECT COUNT(*) FROM service_usage", stop: stop), "recorded uses");
        await report.Check(session, Laws, now, stop);
    }
}
