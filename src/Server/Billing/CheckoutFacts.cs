using System.Globalization;
using Ledgerline.Kernel;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing;

/// <summary>What Stripe says about one checkout, read after the order's version was: the session, and the money that went back.</summary>
internal sealed record CheckoutFacts(StripeCheckoutSession Session, IReadOnlyList<StripeRefund> Refunds)
{
    public static async Task<CheckoutFacts> Ask(StripeClient stripe, string sessionId, CancellationToken stop)
    {
        var session = await stripe.CheckoutSession(sessionId, stop);
        return new CheckoutFacts(
            session, session is { IsPaid: true, PaymentIntent: { } payment } ? await stripe.RefundsOf(payment, stop) : []);
    }

    /// <summary>In minor units; in another currency it counts as the whole price.</summary>
    public long RefundedMinor(CheckoutOrder order) => Refunds.Where(refund => refund.Counts)
        .Sum(refund => string.Equals(refund.Currency, order.Currency, StringComparison.OrdinalIgnoreCase) ? refund.Amount : order.PriceMinor);

    /// <summary>Null when what was paid is what was ordered, else what differs, for the operator.</summary>
    public string? Difference(CheckoutOrder order)
    {
        var (gross, paid) = (Session.AmountSubtotal, Session.AmountTotal);
        return Session switch
        {
            _ when Session.Id != order.SessionId => $"Stripe answered with session {Session.Id}.",
            _ when Session.Mode != "payment" => $"The session's mode is {Session.Mode}.",
            _ when !string.Equals(Session.Currency, order.Currency, StringComparison.OrdinalIgnoreCase) =>
                $"It is paid in {Session.Currency} instead of {order.Currency}.",
            // Discounted to nothing: the goods had their price, and nothing was left to pay.
            { PaymentStatus: "no_payment_required" } when (gross, paid) != (order.PriceMinor, 0) => Amounts(order, gross),
            { PaymentStatus: "paid" } when paid != order.PriceMinor => Amounts(order, paid),
            _ when Session.ClientReferenceId != order.AccountId.ToString() => "It refers to another account.",
            _ => order.Metadata.Where(own => Session.Metadata?.GetValueOrDefault(own.Key) != own.Value)
                .Select(own => $"The metadata {own.Key} is not as we sent it.").FirstOrDefault(),
        };
    }

    /// <summary>
    /// How many credits so much money that went back takes along: whole credits in proportion, rounded down, all when all went back.
    /// </summary>
    public static Credits TakenBack(CheckoutOrder order, long minor) =>
        Credits.Whole((long)((Int128)order.Credits * Math.Clamp(minor, 0, order.PriceMinor) / order.PriceMinor));

    private static string Amounts(CheckoutOrder order, long? amount) =>
        string.Create(CultureInfo.InvariantCulture, $"It is about {amount} {order.Currency} instead of {order.PriceMinor}.");
}
