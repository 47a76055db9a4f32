using Ledgerline.Persistence;

namespace Ledgerline.Billing;

/// <summary>The orders' table.</summary>
internal static class CheckoutOrders
{
    private const string Columns =
        """
        account_id, id, package_id, credits, price_minor, currency, status, session_id, payment_intent_id, refunded_minor, disputed_minor,
        problem, review_at, created_at, granted_at
        """;

    public static Task Insert(Transaction transaction, CheckoutOrder order, CancellationToken stop) => transaction.Execute(
        """
        INSERT INTO checkout_orders (account_id, id, package_id, credits, price_minor, currency, status, created_at)
        VALUES (@AccountId, @Id, @PackageId, @Credits, @PriceMinor, @Currency, @Status, @CreatedAt)
        """,
        order,
        stop);

    public static Task<CheckoutOrder?> BySession(Session session, string sessionId, CancellationToken stop) =>
        session.Maybe<CheckoutOrder>($"SELECT {Columns} FROM checkout_orders WHERE session_id = @sessionId", new { sessionId }, stop);

    public static async Task<bool> Knows(Session session, string orderId, CancellationToken stop) =>
        await session.Maybe<string>("SELECT id FROM checkout_orders WHERE id = @orderId", new { orderId }, stop) is not null;

    public static Task<string?> SessionOfPayment(Session session, string paymentIntentId, CancellationToken stop) =>
        session.Maybe<string>("SELECT session_id FROM checkout_orders WHERE payment_intent_id = @paymentIntentId", new { paymentIntentId }, stop);

    /// <summary>Orders whose events may have been lost, the longest due first.</summary>
    public static Task<IReadOnlyList<CheckoutOrder>> Due(Session session, DateTimeOffset now, CancellationToken stop) => session.List<CheckoutOrder>(
        $"SELECT {Columns} FROM checkout_orders WHERE review_at <= @now ORDER BY review_at LIMIT 100", new { now }, stop);

    /// <summary>Reviews it again then, unless it has been settled meanwhile.</summary>
    public static Task PutOff(Transaction transaction, CheckoutOrder order, DateTimeOffset? reviewAt, CancellationToken stop) => transaction.Execute(
        "UPDATE checkout_orders SET review_at = @reviewAt WHERE account_id = @AccountId AND id = @Id AND review_at IS NOT NULL",
        new { order.AccountId, order.Id, reviewAt },
        stop);

    public static Task Save(Transaction transaction, CheckoutOrder order, CancellationToken stop) => transaction.Execute(
        """
        UPDATE checkout_orders SET status = @Status, session_id = @SessionId, payment_intent_id = @PaymentIntentId,
            refunded_minor = @RefundedMinor, disputed_minor = @DisputedMinor, problem = @Problem, review_at = @ReviewAt, granted_at = @GrantedAt
        WHERE account_id = @AccountId AND id = @Id
        """,
        order,
        stop);
}
