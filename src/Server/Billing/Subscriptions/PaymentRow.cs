using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>Money that was paid: one an invoice, or a payment where there is no invoice. Two that are equal say the same.</summary>
internal sealed record PaymentRow
{
    public const string Subscription = "subscription";
    public const string OneTime = "one_time";

    private const string Columns =
        """
        account_id, id, subscription_id, invoice_id, payment_intent_id, amount_minor, currency, status, payment_type, description,
        refunded_minor, disputed_minor, lost_minor, created_at
        """;

    public AccountId AccountId { get; init; }

    /// <summary>Below 2^53.</summary>
    public long Id { get; init; }

    public string? SubscriptionId { get; init; }
    public string? InvoiceId { get; init; }
    public string? PaymentIntentId { get; init; }
    public long AmountMinor { get; init; }
    public required string Currency { get; init; }
    public string Status { get; init; } = "succeeded";
    public required string PaymentType { get; init; }
    public string? Description { get; init; }
    public long RefundedMinor { get; init; }

    /// <summary>What banks hold or took back for good.</summary>
    public long DisputedMinor { get; init; }

    /// <summary>The part of it that they took back for good.</summary>
    public long LostMinor { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The same with the word that fits its amounts.</summary>
    public PaymentRow Judged => this with
    {
        Status = DisputedMinor > LostMinor ? "disputed"
            : LostMinor > 0 ? "lost"
            : RefundedMinor <= 0 ? "succeeded"
            : RefundedMinor < AmountMinor ? "partially_refunded"
            : "refunded",
    };

    public static Task<PaymentRow?> ByPayment(Session session, string paymentIntentId, CancellationToken stop) =>
        session.Maybe<PaymentRow>($"SELECT {Columns} FROM payments WHERE payment_intent_id = @paymentIntentId", new { paymentIntentId }, stop);

    public static Task<PaymentRow?> ByInvoice(Session session, string invoiceId, CancellationToken stop) =>
        session.Maybe<PaymentRow>($"SELECT {Columns} FROM payments WHERE invoice_id = @invoiceId", new { invoiceId }, stop);

    public static Task<IReadOnlyList<PaymentRow>> OfSubscription(Session session, string subscriptionId, CancellationToken stop) =>
        session.List<PaymentRow>($"SELECT {Columns} FROM payments WHERE subscription_id = @subscriptionId", new { subscriptionId }, stop);

    /// <summary>Those in which money moved, the newest first: the invoice of a trial is kept, and is no payment to show.</summary>
    public static Task<IReadOnlyList<PaymentRow>> Of(Session session, AccountId account, int limit, CancellationToken stop) => session.List<PaymentRow>(
        $"SELECT {Columns} FROM payments WHERE account_id = @account AND amount_minor > 0 ORDER BY created_at DESC, noted_at DESC, id DESC LIMIT @limit",
        new { account, limit },
        stop);

    /// <summary>Of those in which money moved.</summary>
    public static Task<long> Count(Session session, AccountId account, CancellationToken stop) =>
        session.One<long>("SELECT count(*) FROM payments WHERE account_id = @account AND amount_minor > 0", new { account }, stop);

    public Task Save(Transaction transaction, DateTimeOffset now, CancellationToken stop) => transaction.Execute(
        """
        INSERT INTO payments (account_id, id, subscription_id, invoice_id, payment_intent_id, amount_minor, currency, status, payment_type,
            description, refunded_minor, disputed_minor, lost_minor, created_at, noted_at, updated_at)
        VALUES (@AccountId, @Id, @SubscriptionId, @InvoiceId, @PaymentIntentId, @AmountMinor, @Currency, @Status, @PaymentType,
            @Description, @RefundedMinor, @DisputedMinor, @LostMinor, @CreatedAt, @now, @now)
        ON CONFLICT (account_id, id) DO UPDATE SET subscription_id = excluded.subscription_id, invoice_id = excluded.invoice_id,
            payment_intent_id = excluded.payment_intent_id, amount_minor = excluded.amount_minor, currency = excluded.currency,
            status = excluded.status, payment_type = excluded.payment_type, description = excluded.description,
            refunded_minor = excluded.refunded_minor, disputed_minor = excluded.disputed_minor, lost_minor = excluded.lost_minor,
            updated_at = excluded.updated_at
        """,
        new
        {
            AccountId,
            Id,
            SubscriptionId,
            InvoiceId,
            PaymentIntentId,
            AmountMinor,
            Currency,
            Status,
            PaymentType,
            Description,
            RefundedMinor,
            DisputedMinor,
            LostMinor,
            CreatedAt,
            now,
        },
        stop);
}
