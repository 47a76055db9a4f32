using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>What events told about disputes. Each stands as its newest event says, in whatever order they came.</summary>
internal static class Disputes
{
    private const string Lost = "lost";

    public static bool IsAbout(string eventType) => eventType.StartsWith("charge.dispute.", StringComparison.Ordinal);

    /// <summary>Older news than the last change nothing.</summary>
    /// <param name="sessionId">The checkout's; a payment that had none stands for itself.</param>
    public static Task Note(Transaction transaction, string sessionId, StripeDispute dispute, DateTimeOffset happenedAt, CancellationToken stop) =>
        transaction.Execute(
            """
            INSERT INTO stripe_disputes (id, session_id, amount_minor, currency, status, standing, happened_at)
            VALUES (@Id, @sessionId, @Amount, @currency, @Status, @standing, @happenedAt)
            ON CONFLICT (id) DO UPDATE SET amount_minor = excluded.amount_minor, currency = excluded.currency, status = excluded.status,
                standing = excluded.standing, happened_at = excluded.happened_at
            WHERE excluded.happened_at > stripe_disputes.happened_at
               OR (excluded.happened_at = stripe_disputes.happened_at AND excluded.standing > stripe_disputes.standing)
            """,
            new
            {
                dispute.Id,
                sessionId,
                dispute.Amount,
                currency = dispute.Currency.ToLowerInvariant(),
                dispute.Status,
                standing = Standing(dispute.Status),
                happenedAt,
            },
            stop);

    /// <summary>Money that banks hold or took back for good, in minor units; in another currency it counts as the whole price.</summary>
    public static async Task<long> TakenMinor(Session session, CheckoutOrder order, CancellationToken stop) =>
        (await Taken(session, order.SessionId!, order.Currency, order.PriceMinor, stop)).AllMinor;

    /// <param name="session">The database's.</param>
    /// <param name="subject">What the disputes were noted under: a checkout session, or a payment that had none.</param>
    /// <inheritdoc cref="TakenMinor(Session, CheckoutOrder, CancellationToken)"/>
    public static async Task<DisputedMoney> Taken(Session session, string subject, string currency, long wholeMinor, CancellationToken stop)
    {
        var rows = await session.List<Row>("SELECT amount_minor, currency, status FROM stripe_disputes WHERE session_id = @subject", new { subject }, stop);
        return new DisputedMoney(rows.Where(row => Takes(row.Status)).Sum(Minor), rows.Where(row => row.Status == Lost).Sum(Minor));

        long Minor(Row row) => row.Currency == currency ? row.AmountMinor : wholeMinor;
    }

    // An inquiry moves no money, nor does a dispute that was prevented; a won one brings it back.
    private static bool Takes(string status) => !status.StartsWith("warning_", StringComparison.Ordinal) && status is not ("won" or "prevented");

    // Stripe's times are whole seconds, and a dispute may be opened and closed within one.
    private static int Standing(string status) => status switch
    {
        "warning_needs_response" => 0,
        "warning_under_review" => 1,
        "warning_closed" => 2,
        "needs_response" => 3,
        "under_review" => 4,
        "prevented" => 6,
        Lost => 7,
        "won" => 8,
        _ => 5,
    };

    private sealed class Row
    {
        public long AmountMinor { get; init; }
        public required string Currency { get; init; }
        public required string Status { get; init; }
    }
}

/// <summary>Money that banks hold or took back, in minor units.</summary>
/// <param name="LostMinor">The part that they took back for good.</param>
internal readonly record struct DisputedMoney(long AllMinor, long LostMinor);
