using Ledgerline.Billing.Subscriptions;
using Ledgerline.Http;
using Ledgerline.Providers.Stripe;
using Microsoft.AspNetCore.Mvc;

namespace Ledgerline.Billing.Payments;

/// <summary><c>POST /payments/portal</c>: the address of Stripe's own pages for this customer.</summary>
internal static class OpenPortal
{
    public const string Failed = "Failed to open the portal";

    public sealed record Answer(bool Success, string Url);

    public static async Task<IResult> Handle(
        [FromQuery(Name = "return_url")] string? returnUrl, CurrentAccount account, PaymentOptions options, ReturnUrls returnUrls, PayerDesk desk,
        StripeClient stripe, ILogger<PayerDesk> log, CancellationToken stop)
    {
        var back = returnUrl ?? options.PortalReturn;
        if (!returnUrls.Allows(back))
        {
            return Refusal.BadRequest("URL not allowed");
        }

        try
        {
            var session = await desk.Open(
                account.Id, null, ["portal", back], (customer, key) => stripe.CreatePortalSession(customer, back, $"portal:{key}", stop), stop);
            return TypedResults.Ok(new Answer(true, session.Url));
        }
        catch (StripeFailure failure)
        {
            log.LogError("The portal could not be opened: {Failure}", failure.Message);
            return PaymentRefusal.Of(Failed, failure);
        }
    }
}
