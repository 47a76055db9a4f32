using System.Text.RegularExpressions;
using Ledgerline.Http;
using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary><c>POST /payments/create-subscription</c>: a plan, in the place of the one the account may have of the same product.</summary>
internal static partial class CreateSubscription
{
    private const string What = "Failed to create subscription";

    /// <param name="PriceId">The plan's price at Stripe.</param>
    /// <param name="PlanName">The plan's id.</param>
    /// <param name="PaymentMethodId">As Stripe's library made it in the browser; without one the customer pays with <c>client_secret</c>.</param>
    /// <param name="Coupon">Stripe's id of a coupon.</param>
    /// <param name="PromotionCode">As customers type it in.</param>
    public sealed record Request(string? PriceId, string? PlanName, string? PaymentMethodId = null, string? Coupon = null, string? PromotionCode = null);

    /// <param name="ClientSecret">With it the browser confirms the payment; there exactly when that is required.</param>
    public sealed record Answer(bool Success, string SubscriptionId, string? ClientSecret, bool RequiresAction, string Message)
    {
        public static Answer Of(OpenedSubscription opened) =>
            new(true, opened.Id, opened.ClientSecret, opened.ClientSecret is not null, "Subscription created successfully");
    }

    public static async Task<IResult> Handle(
        Body<Request> body, CurrentAccount account, HttpContext context, PlanCatalog catalog, PlanPriceBook prices, SubscriptionDesk desk,
        Idempotency idempotency, ILogger<SubscriptionDesk> log, CancellationToken stop)
    {
        var request = body.Value;
        var (priceId, planName) = (request.PriceId ?? throw Invalid.Missing("body", "price_id"), request.PlanName ?? throw Invalid.Missing("body", "plan_name"));
        return await idempotency.Run(context, account.Id, () => $"{planName} {priceId} {request.PaymentMethodId} {request.Coupon} {request.PromotionCode}", async ticket =>
        {
            if (!Word().IsMatch(planName) || await catalog.Find(planName, stop: stop) is not { IsArchived: false } plan)
            {
                return PaymentRefusal.Of(What, "there is no such plan");
            }

            if (new[] { ("payment method", request.PaymentMethodId), ("coupon", request.Coupon), ("promotion code", request.PromotionCode) }
                .FirstOrDefault(one => one.Item2 is { } id && !Id().IsMatch(id)) is (string noun, _))
            {
                return PaymentRefusal.Of(What, $"the {noun} is none; it has letters, digits, - and _, and at most 200 of them");
            }

            try
            {
                var own = await prices.PricesOf(plan, stop);
                if (!own.Contains(priceId))
                {
                    return PaymentRefusal.Of(What, "price does not belong to plan");
                }

                var wanted = new WantedPlan(account.Id, plan, own, request.PaymentMethodId, request.Coupon, request.PromotionCode);
                var opened = await desk.Subscribe(
                    wanted,
                    (transaction, made) => ticket is null ? Task.CompletedTask : idempotency.Keep(transaction, ticket, StatusCodes.Status200OK, Answer.Of(made)),
                    stop);
                return opened is null ? PaymentRefusal.TooBusy(What) : TypedResults.Ok(Answer.Of(opened));
            }
            catch (RefusedSubscription refused)
            {
                return PaymentRefusal.Of(What, refused.Message);
            }
            catch (StripeFailure failure)
            {
                log.LogWarning("Account {Account} could not subscribe to {Plan}: {Failure}", account.Id, plan.Id, failure.Message);
                return PaymentRefusal.Of(What, failure);
            }
        });
    }

    [GeneratedRegex(@"\A[A-Za-z0-9_]{1,100}\z")]
    internal static partial Regex Word();

    // What Stripe names its things, and what people type in.
    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,200}\z")]
    internal static partial Regex Id();
}
