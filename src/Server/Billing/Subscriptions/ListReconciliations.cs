using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Billing.Subscriptions;

/// <summary><c>GET /payments/admin/reconciliations</c>: what the last comparisons with Stripe found.</summary>
internal static class ListReconciliations
{
    private const int Shown = 30;

    /// <param name="FinishedAt">Null while it runs, and when it could not be finished.</param>
    public sealed record Report(string Id, string StartedAt, string? FinishedAt, long Subscriptions, long Invoices, IReadOnlyList<Difference> Differences);

    /// <param name="Subject">A subscription or an invoice, by Stripe's id.</param>
    public sealed record Difference(string Subject, string Sentence);

    public static async Task<Ok<IReadOnlyList<Report>>> Handle(Database database, CancellationToken stop) => TypedResults.Ok(await database.Read(
        async session =>
        {
            var reports = await session.List<Row>(
                "SELECT id, started_at, finished_at, subscriptions, invoices FROM reconciliations ORDER BY started_at DESC, id DESC LIMIT @Shown", new { Shown }, stop);
            var differences = (await session.ListFor<DifferenceRow, ReportId>(
                """
                SELECT d.reconciliation_id, d.position, d.subject, d.sentence FROM {rows}
                JOIN reconciliation_differences d ON d.reconciliation_id = r.reconciliation
                """,
                [.. reports.Select(report => new ReportId(report.Id))],
                stop)).OrderBy(row => row.Position).ToLookup(row => row.ReconciliationId);
            return (IReadOnlyList<Report>)
            [
                .. reports.Select(report => new Report(
                    report.Id, report.StartedAt.Iso(), report.FinishedAt?.Iso(), report.Subscriptions, report.Invoices,
                    [.. differences[report.Id].Select(row => new Difference(row.Subject, row.Sentence))])),
            ];
        },
        stop));

    private readonly record struct ReportId(string Reconciliation);

    private sealed class Row
    {
        public required string Id { get; init; }
        public DateTimeOffset StartedAt { get; init; }
        public DateTimeOffset? FinishedAt { get; init; }
        public long Subscriptions { get; init; }
        public long Invoices { get; init; }
    }

    private sealed class DifferenceRow
    {
        public string ReconciliationId { get; init; } = "";
        public long Position { get; init; }
        public string Subject { get; init; } = "";
        public string Sentence { get; init; } = "";
    }
}
