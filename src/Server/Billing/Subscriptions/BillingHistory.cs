using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace Ledgerline.Billing.Subscriptions;

/// <summary><c>GET /payments/billing-history</c>: what the account has paid, the newest first.</summary>
internal static class BillingHistory
{
    private const int Usual = 10;
    private const int Most = 100;

    /// <param name="TotalRecords">Of all, not only of those that are shown.</param>
    public sealed record Answer(bool Success, [property: System.Text.Json.Serialization.JsonPropertyName("billing_history")] IReadOnlyList<Record> Records, long TotalRecords);

    /// <param name="Amount">In minor units.</param>
    /// <param name="Status"><c>succeeded</c>, <c>partially_refunded</c>, <c>refunded</c>, <c>disputed</c> or <c>lost</c>.</param>
    /// <param name="PaymentType"><c>subscription</c> or <c>one_time</c>.</param>
    public sealed record Record(
        long Id, long Amount, string Currency, string Status, string PaymentType, string? Description, string CreatedAt, string? StripeInvoiceId);

    public static async Task<Ok<Answer>> Handle([FromQuery] int? limit, CurrentAccount account, Database database, CancellationToken stop)
    {
        if (limit < 1)
        {
            throw new Invalid("query", "limit", "limit must be at least 1");
        }

        var (rows, total) = await database.Read(
            async session => (
                await PaymentRow.Of(session, account.Id, Math.Min(limit ?? Usual, Most), stop),
                await PaymentRow.Count(session, account.Id, stop)),
            stop);
        return TypedResults.Ok(new Answer(
            true,
            [
                .. rows.Select(row => new Record(
                    row.Id, row.AmountMinor, row.Currency, row.Status, row.PaymentType, row.Description, row.CreatedAt.Iso(), row.InvoiceId)),
            ],
            total));
    }
}
