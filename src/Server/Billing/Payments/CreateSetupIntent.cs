using Ledgerline.Billing.Subscriptions;
using Ledgerline.Http;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Payments;

/// <summary><c>POST /payments/setup-intent</c>: a card that the browser then saves at Stripe.</summary>
internal static class CreateSetupIntent
{
    public const string Failed = "Failed to create setup intent";

    public sealed record Answer(bool Success, string ClientSecret, string SetupIntentId);

    public static Task<IResult> Handle(
        HttpContext context, CurrentAccount account, PayerDesk desk, StripeClient stripe, Idempotency idempotency, ILogger<PayerDesk> log, CancellationToken stop) =>
        idempotency.Run(context, account.Id, () => "setup_intent", async ticket =>
        {
            try
            {
                var intent = await desk.Open(
                    account.Id,
                    ticket,
                    ["setup_intent"],
                    (customer, key) => stripe.CreateSetupIntent(customer, account.Id, $"setup:{key}", stop),
                    stop,
                    async opened => (await stripe.SetupIntent(opened.Id, stop)).IsOpen);
                return TypedResults.Ok(new Answer(true, intent.ClientSecret, intent.Id));
            }
            catch (StripeFailure failure)
            {
                log.LogError("A setup intent could not be created: {Failure}", failure.Message);
                return PaymentRefusal.Of(Failed, failure);
            }
        });
}
