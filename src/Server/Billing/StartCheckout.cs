using Ledgerline.Http;
using Ledgerline.Providers.Stripe;
using Microsoft.AspNetCore.Mvc;

namespace Ledgerline.Billing;

/// <summary>Sends the customer to Stripe to pay for a package.</summary>
internal static class StartCheckout
{
    public sealed record Answer(string CheckoutUrl, string SessionId);

    public static async Task<IResult> Handle(
        [FromRoute(Name = "package_id")] string packageId,
        [FromQuery(Name = "success_url")] string? successUrl,
        [FromQuery(Name = "cancel_url")] string? cancelUrl,
        CurrentAccount account,
        HttpContext context,
        Packages packages,
        ReturnUrls returnUrls,
        CheckoutDesk desk,
        Idempotency idempotency,
        ILogger<CheckoutDesk> log,
        CancellationToken stop)
    {
        if (packages.Find(packageId) is not { } package)
        {
            return Refusal.NotFound("Package not found");
        }

        var (success, cancel) = (successUrl ?? ReturnUrls.DefaultSuccess, cancelUrl ?? ReturnUrls.DefaultCancel);
        if (!returnUrls.Allows(success) || !returnUrls.Allows(cancel))
        {
            return Refusal.BadRequest("URL not allowed");
        }

        return await idempotency.Run(context, account.Id, () => $"{package.Id} {success} {cancel}", async ticket =>
        {
            try
            {
                return TypedResults.Ok(await desk.Open(account.Id, package, success, cancel, ticket, stop));
            }
            catch (StripeFailure failure)
            {
                log.LogError("A checkout of {Package} could not be opened: {Failure}", package.Id, failure.Message);
                return new Refusal(StatusCodes.Status500InternalServerError, $"Payment error: {failure.Sentence}");
            }
        });
    }
}
