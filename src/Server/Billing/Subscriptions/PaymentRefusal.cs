using Ledgerline.Http;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>How the routes of payments say that Stripe, or the state of things, does not allow it.</summary>
internal static class PaymentRefusal
{
    public const string Busy = "another request is being processed, please try again in a moment";
    public const string NoPromotionCode = "there is no such promotion code; check its spelling, or leave it out";

    /// <param name="what"><c>Failed to create subscription</c>.</param>
    public static Refusal Of(string what, StripeFailure failure) => failure.Trouble == StripeTrouble.Off
        ? new Refusal(StatusCodes.Status503ServiceUnavailable, $"{what}: {failure.Sentence}")
        // The moment's fault: the same request may come again under the same key.
        : new Refusal(StatusCodes.Status400BadRequest, $"{what}: {Reason(failure)}") { IsPassing = failure.IsPassing };

    public static Refusal Of(string what, string reason) => Refusal.BadRequest($"{what}: {reason}");

    public static Refusal TooBusy(string what) => new(StatusCodes.Status409Conflict, $"{what}: {Busy}") { IsPassing = true };

    // Which of the customer's own words Stripe did not take, and what to do about it.
    private static string Reason(StripeFailure failure) => failure switch
    {
        { Trouble: not StripeTrouble.Refused } => failure.Sentence,
        { Code: "coupon_expired" } => "the coupon has expired or was used up; leave it out, or use another",
        { Code: "amount_too_small" } => "the amount is less than can be charged; choose a larger one",
        { Code: "amount_too_large" } => "the amount is more than can be charged at once; choose a smaller one",
        { Param: { } param, IsMissing: var missing } when param.Contains("coupon", StringComparison.Ordinal) => missing
            ? "there is no such coupon; check its spelling, or leave it out"
            : "the coupon is not for this plan or its currency; leave it out, or use another",
        { Param: { } param, IsMissing: var missing } when param.Contains("promotion_code", StringComparison.Ordinal) => missing
            ? NoPromotionCode
            : "the promotion code is not, or no longer, for this account and plan; leave it out, or use another",
        { Param: "payment_method" or "default_payment_method", IsMissing: var missing } => missing
            ? "there is no such payment method; enter the card again"
            : "the payment method was used or saved elsewhere; enter the card again",
        { Param: { } param, IsMissing: true } when param.EndsWith("price]", StringComparison.Ordinal) || param == "price" =>
            "the plan's price is not known to the payment provider; please tell support",
        _ => failure.Sentence,
    };
}
