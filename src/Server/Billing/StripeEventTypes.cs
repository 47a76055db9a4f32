namespace Ledgerline.Billing;

/// <summary>The events that have an effect here; all others are stored and acknowledged.</summary>
internal static class StripeEventTypes
{
    public const string CheckoutCompleted = "checkout.session.completed";
    public const string CheckoutAsyncPaymentSucceeded = "checkout.session.async_payment_succeeded";
    public const string CheckoutAsyncPaymentFailed = "checkout.session.async_payment_failed";
    public const string CheckoutExpired = "checkout.session.expired";
    public const string ChargeRefunded = "charge.refunded";

    /// <summary>Their object is the session.</summary>
    public static readonly IReadOnlySet<string> OfSessions = new HashSet<string>
    {
        CheckoutCompleted, CheckoutAsyncPaymentSucceeded, CheckoutAsyncPaymentFailed, CheckoutExpired,
    };

    /// <summary>Their object is a charge, a refund or a dispute: all of them name the payment, or the charge that does.</summary>
    public static readonly IReadOnlySet<string> OfPayments = new HashSet<string>
    {
        ChargeRefunded,
        "charge.refund.updated",
        "refund.created",
        "refund.updated",
        "refund.failed",
        "charge.dispute.created",
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.funds_reinstated",
    };
}
