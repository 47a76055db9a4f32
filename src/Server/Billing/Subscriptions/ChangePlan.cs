using Ledgerline.Http;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary><c>POST /payments/change-plan</c>: another plan in the same subscription, for what the preview said when its moment is given.</summary>
internal static class ChangePlan
{
    private const string What = "Failed to change plan";

    // Long enough to read what it costs; who could choose any moment would choose the cheapest.
    private static readonly TimeSpan LongestPreview = TimeSpan.FromHours(1);

    /// <param name="PlanName">The other plan's id.</param>
    /// <param name="ProrationDate">As the preview answered it, in seconds since 1970; without it the change costs what it costs now.</param>
    /// <param name="PaymentMethodId">Another card for this and what follows.</param>
    public sealed record Request(string? PlanName, long? ProrationDate = null, string? PaymentMethodId = null);

    /// <param name="ClientSecret">With it the browser confirms the payment; the plan changes when that has happened.</param>
    public sealed record Answer(bool Success, string SubscriptionId, string PlanName, string? ClientSecret, bool RequiresAction, string Message);

    public static async Task<IResult> Handle(
        Body<Request> body, CurrentAccount account, HttpContext context, PlanCatalog catalog, PlanPriceBook prices, SubscriptionDesk desk,
        Idempotency idempotency, TimeProvider clock, ILogger<SubscriptionDesk> log, CancellationToken stop)
    {
        var request = body.Value;
        var planName = request.PlanName ?? throw Invalid.Missing("body", "plan_name");
        return await idempotency.Run(context, account.Id, () => $"{planName} {request.ProrationDate} {request.PaymentMethodId}", async ticket =>
        {
            if (await Sold(catalog, planName, stop) is not { } plan)
            {
                return PaymentRefusal.Of(What, "there is no such plan");
            }

            if (request.PaymentMethodId is { } card && !CreateSubscription.Id().IsMatch(card))
            {
                return PaymentRefusal.Of(What, "there is no such payment method; enter the card again");
            }

            var now = SubscriptionDesk.Whole(clock.GetUtcNow());
            if (request.ProrationDate is { } seconds && (seconds > now.ToUnixTimeSeconds() || seconds < (now - LongestPreview).ToUnixTimeSeconds()))
            {
                return PaymentRefusal.Of(What, "the preview is too old, please ask for another");
            }

            try
            {
                var wanted = new WantedPlan(account.Id, plan, await prices.PricesOf(plan, stop), request.PaymentMethodId)
                {
                    ProrationDate = request.ProrationDate is { } at ? DateTimeOffset.FromUnixTimeSeconds(at) : null,
                };
                if (wanted.Prices.Count == 0)
                {
                    return PaymentRefusal.Of(What, "the plan is not sold here");
                }

                var opened = await desk.Subscribe(
                    wanted,
                    (transaction, made) => ticket is null ? Task.CompletedTask : idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, Told(plan, made)),
                    stop,
                    onlyChange: true);
                return opened is null ? PaymentRefusal.TooBusy(What) : TypedResults.Ok(Told(plan, opened));
            }
            catch (RefusedSubscription refused)
            {
                return PaymentRefusal.Of(What, refused.Message);
            }
            catch (StripeFailure failure)
            {
                log.LogWarning("Account {Account} could not change to {Plan}: {Failure}", account.Id, plan.Id, failure.Message);
                return PaymentRefusal.Of(What, failure);
            }
        });
    }

    /// <summary>Null when no such plan is offered.</summary>
    public static async Task<Plan?> Sold(PlanCatalog catalog, string planName, CancellationToken stop) =>
        CreateSubscription.Word().IsMatch(planName) && await catalog.Find(planName, stop: stop) is { IsArchived: false } plan ? plan : null;

    private static Answer Told(Plan plan, OpenedSubscription made) =>
        new(true, made.Id, plan.Id, made.ClientSecret, made.ClientSecret is not null, "Plan changed successfully");
}
