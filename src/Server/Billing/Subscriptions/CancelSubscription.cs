using Ledgerline.Http;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;
using Microsoft.AspNetCore.Mvc;

namespace Ledgerline.Billing.Subscriptions;

/// <summary><c>POST /payments/cancel-subscription</c>: at the end of what is paid, or at once.</summary>
internal static class CancelSubscription
{
    internal const string NoneFound = "No active subscription found";
    private const string What = "Failed to cancel subscription";

    public sealed record Answer(bool Success, string Message, bool AtPeriodEnd);

    public static async Task<IResult> Handle(
        [FromQuery(Name = "at_period_end")] bool? atPeriodEnd,
        [FromQuery(Name = "plan_name")] string? planName,
        CurrentAccount account,
        HttpContext context,
        Database database,
        StripeClient stripe,
        SubscriptionDesk desk,
        PlanCatalog catalog,
        Idempotency idempotency,
        ILogger<SubscriptionDesk> log,
        CancellationToken stop)
    {
        var later = atPeriodEnd ?? true;
        var answer = new Answer(true, "Subscription cancelled successfully", later);
        return await idempotency.Run(context, account.Id, () => $"{later} {planName}", async ticket =>
        {
            if (await SubscriptionChoice.Of(database, account.Id, planName, stop) is not { } row)
            {
                return Refusal.NotFound(NoneFound);
            }

            StripeFailure? refused = null;
            try
            {
                var settled = await desk.With(
                    row,
                    $"cancel {later}",
                    async (order, working) => refused = await Cancel(row, later, order, working),
                    (transaction, now) => ticket is not null && IsCancelled(now.Row)
                        ? idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, answer)
                        : Task.CompletedTask,
                    stop);
                return settled is null ? PaymentRefusal.TooBusy(What)
                    : IsCancelled(settled.Row) ? TypedResults.Ok(answer)
                    : PaymentRefusal.Of(What, refused ?? throw new InvalidOperationException($"Stripe cancelled {row.Id}, and it is not cancelled."));
            }
            catch (StripeFailure failure)
            {
                log.LogWarning("Subscription {Subscription} could not be cancelled: {Failure}", row.Id, failure.Message);
                return PaymentRefusal.Of(What, failure);
            }
        });

        // Null when Stripe did it.
        async Task<StripeFailure?> Cancel(SubscriptionRow row, bool later, SubscriptionOrder order, CancellationToken working)
        {
            try
            {
                if (later && row.IsLive)
                {
                    await stripe.CancelAtPeriodEnd(row.Id, cancel: true, $"cancel:{order.Id}", working);
                }
                else
                {
                    // What was used and not billed yet is billed now, or never.
                    var isMetered = row.PlanId is { } plan && (await catalog.Find(plan, row.PlanVersion, working))?.IsUsageBased == true;
                    await stripe.EndSubscription(row.Id, invoiceNow: isMetered, prorate: false, working);
                }

                return null;
            }
            catch (StripeFailure failure) when (!failure.IsPassing)
            {
                // It may have ended there already: the settlement that follows finds out.
                log.LogWarning("Stripe did not cancel {Subscription}: {Failure}", row.Id, failure.Message);
                return failure;
            }
        }
    }

    private static bool IsCancelled(SubscriptionRow row) => row.IsOver || row.CancelAtPeriodEnd || row.CancelAt is not null;
}
