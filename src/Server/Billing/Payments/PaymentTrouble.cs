using Ledgerline.Http;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Payments;

/// <summary>How the routes of payments say that Stripe did not do it.</summary>
internal static class PaymentTrouble
{
    /// <param name="what"><c>Failed to create payment intent</c>.</param>
    public static Refusal Of(string what, StripeFailure failure) => failure.Trouble == StripeTrouble.Off
        ? new Refusal(StatusCodes.Status503ServiceUnavailable, $"{what}: {failure.Sentence}")
        // The moment's fault: the same request may come again under the same key.
        : new Refusal(StatusCodes.Status400BadRequest, $"{what}: {failure.Sentence}")
        {
            IsPassing = failure.Trouble is StripeTrouble.Unreachable or StripeTrouble.Unreadable,
        };
}
