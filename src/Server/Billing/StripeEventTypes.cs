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

    /// <summary>Their object is the subscription.</summary>
    public static readonly IReadOnlySet<string> OfSubscriptions = new HashSet<string>
    {
        "customer.subscription.created",
        "customer.subscription.updated",
        "customer.subscription.deleted",
        "customer.subscription.paused",
        "customer.subscription.resumed",
        "customer.subscription.trial_will_end",
        "customer.subscription.pending_update_applied",
        "customer.subscription.pending_update_expired",
    };

    /// <summary>Their object is an invoice, which names its subscription when it is for one.</summary>
    public static readonly IReadOnlySet<string> OfInvoices = new HashSet<string>
    {
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice.payment_failed",
        "invoice.payment_action_required",
        "invoice.finalized",
        "invoice.voided",
        "invoice.marked_uncollectible",
    };

    /// <summary>Its object is a payment, of an invoice, of a checkout, or of something paid once.</summary>
    public const string PaymentSucceeded = "payment_intent.succeeded";

    /// <summary>False for what has no effect here, whatever it says.</summary>
    public static bool MayMatter(string type) =>
        OfSessions.Contains(type) || OfSubscriptions.Contains(type) || OfInvoices.Contains(type) || OfPayments.Contains(type) || type == PaymentSucceeded;

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
