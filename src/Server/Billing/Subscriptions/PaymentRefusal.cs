using Ledgerline.Http;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>How the routes of payments say that Stripe, or the state of things, does not allow it.</summary>
internal static class PaymentRefusal
{
    public const string Busy = "another request is being processed, please try again in a moment";

    /// <param name="what"><c>Failed to create subscription</c>.</param>
    public static Refusal Of(string what, StripeFailure failure) => failure.Trouble == StripeTrouble.Off
        ? new Refusal(StatusCodes.Status503ServiceUnavailable, $"{what}: {failure.Sentence}")
        // The moment's fault: the same request may come again under the same key.
        : new Refusal(StatusCodes.Status400BadRequest, $"{what}: {Reason(failure)}") { IsPassing = failure.IsPassing };

    public static Refusal Of(string what, string reason) => Refusal.BadRequest($"{what}: {reason}");

    public static Refusal TooBusy(string what) => new(StatusCodes.Status409Conflict, $"{what}: {Busy}") { IsPassing = true };

    private static string Reason(StripeFailure failure) => failure switch
    {
        { IsMissing: true, Param: { } param } when param.Contains("coupon", StringComparison.Ordinal) => "there is no such coupon",
        { IsMissing: true, Param: { } param } when param.Contains("promotion_code", StringComparison.Ordinal) => "there is no such promotion code",
        { IsMissing: true, Param: "payment_method" or "default_payment_method" } => "there is no such payment method",
        _ => failure.Sentence,
    };
}
