using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Stripe;
using Microsoft.AspNetCore.Mvc;

namespace Ledgerline.Billing.Subscriptions;

/// <summary><c>POST /payments/resume-subscription</c>: takes back a cancellation before its time, or wakes a paused subscription.</summary>
internal static class ResumeSubscription
{
    private const string What = "Failed to resume subscription";

    public sealed record Answer(bool Success, string SubscriptionId, string? PlanName, string Status, string CurrentPeriodEnd, bool CancelAtPeriodEnd, string Message)
    {
        public static Answer Of(SubscriptionRow row) =>
            new(true, row.Id, row.PlanId, row.Status, row.PeriodEnd.Iso(), row.CancelAtPeriodEnd, "Subscription resumed successfully");
    }

    public static async Task<IResult> Handle(
        [FromQuery(Name = "plan_name")] string? planName,
        CurrentAccount account,
        HttpContext context,
        Database database,
        StripeClient stripe,
        SubscriptionDesk desk,
        Idempotency idempotency,
        ILogger<SubscriptionDesk> log,
        CancellationToken stop) => await idempotency.Run(context, account.Id, () => $"{planName}", async ticket =>
        {
            if (await SubscriptionChoice.Of(database, account.Id, planName, stop) is not { } row)
            {
                return Refusal.NotFound(CancelSubscription.NoneFound);
            }

            if (row is { Status: not "paused", CancelAtPeriodEnd: false, CancelAt: null })
            {
                return PaymentRefusal.Of(What, "the subscription is neither cancelled nor paused");
            }

            StripeFailure? refused = null;
            try
            {
                var settled = await desk.With(
                    row,
                    "resume",
                    async (order, working) => refused = await Resume(row, order, working),
                    (transaction, now) => ticket is not null && refused is null && !now.Row.IsOver
                        ? idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, Answer.Of(now.Row))
                        : Task.CompletedTask,
                    stop);
                return settled is null ? PaymentRefusal.TooBusy(What)
                    : settled.Row.IsOver ? Refusal.NotFound(CancelSubscription.NoneFound)
                    : refused is not null ? PaymentRefusal.Of(What, refused)
                    : TypedResults.Ok(Answer.Of(settled.Row));
            }
            catch (StripeFailure failure)
            {
                log.LogWarning("Subscription {Subscription} could not be resumed: {Failure}", row.Id, failure.Message);
                return PaymentRefusal.Of(What, failure);
            }

            // Null when Stripe did it.
            async Task<StripeFailure?> Resume(SubscriptionRow row, SubscriptionOrder order, CancellationToken working)
            {
                try
                {
                    await (row.Status == "paused"
                        ? stripe.ResumeSubscription(row.Id, $"resume:{order.Id}", working)
                        : stripe.CancelAtPeriodEnd(row.Id, cancel: false, $"resume:{order.Id}", working));
                    return null;
                }
                catch (StripeFailure failure) when (!failure.IsPassing)
                {
                    // It may have ended there already: the settlement that follows finds out.
                    log.LogWarning("Stripe did not resume {Subscription}: {Failure}", row.Id, failure.Message);
                    return failure;
                }
            }
        });
}
