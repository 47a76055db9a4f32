using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>The routes of plans that are paid again and again.</summary>
internal static class SubscriptionRoutes
{
    private const string Unconfigured = "payments are not configured";

    public static void MapSubscriptions(this WebApplication app)
    {
        var routes = app.MapGroup("").WithMetadata(FlatValidation.Form).RequireAuthorization().WithTags("Payments");
        var purchases = routes.MapGroup("").WithMetadata(RateLimit.Purchases);
        MapCreate(purchases);
        MapEnd(purchases);
        MapChange(purchases);
        var reads = routes.MapGroup("").WithMetadata(RateLimit.Everything);
        MapShow(reads);
        MapAdmin(reads);
    }

    private static void MapCreate(RouteGroupBuilder routes) => routes.MapPost("/payments/create-subscription", CreateSubscription.Handle)
        .WithName("CreateSubscription")
        .WithSummary("Subscribe to a plan")
        .WithDescription(
            "With a payment method the first payment is tried at once; without one, or when the bank asks the customer, requires_action is true and "
            + "client_secret confirms the payment in the browser. An account has one plan of each product: whoever has one already changes it, with "
            + "proration. The same again changes nothing.")
        .ExampleRequest(new CreateSubscription.Request("price_1", "pro_monthly", "pm_1"))
        .Parameter("header", Idempotency.Header, "The same key subscribes once and answers the same.", "7d0c1a52")
        .Produces<CreateSubscription.Answer>()
        .Example(new CreateSubscription.Answer(true, "sub_1", null, false, "Subscription created successfully"))
        .Refuses(400, "the price is another plan's", "Failed to create subscription: price does not belong to plan")
        .Refuses(400, "the bank says no, with its reason where it may be told", $"Failed to create subscription: {CardDecline.Plain}")
        .Refuses(409, "another request is changing the same plan", $"Failed to create subscription: {PaymentRefusal.Busy}")
        .Refuses(503, "there is no Stripe", $"Failed to create subscription: {Unconfigured}");

    private static void MapEnd(RouteGroupBuilder routes)
    {
        routes.MapPost("/payments/cancel-subscription", CancelSubscription.Handle)
            .WithName("CancelSubscription")
            .WithSummary("Cancel the plan")
            .WithDescription("At the end of what is paid, or at once; also then what was paid for can be used until its period ends.")
            .Parameter("query", "at_period_end", "False ends it at once.", true)
            .Parameter("query", "plan_name", "Which plan, where the account has several; else the newest.", "pro_monthly")
            .Parameter("header", Idempotency.Header, "The same key cancels once and answers the same.", "7d0c1a52")
            .Produces<CancelSubscription.Answer>()
            .Example(new CancelSubscription.Answer(true, "Subscription cancelled successfully", true))
            .Refuses(404, "there is none", CancelSubscription.NoneFound)
            .Refuses(503, "there is no Stripe", $"Failed to cancel subscription: {Unconfigured}");

        routes.MapPost("/payments/resume-subscription", ResumeSubscription.Handle)
            .WithName("ResumeSubscription")
            .WithSummary("Take back the cancellation")
            .WithDescription("Before the period ends; or wakes a subscription that is paused.")
            .Parameter("query", "plan_name", "Which plan, where the account has several; else the newest.", "pro_monthly")
            .Parameter("header", Idempotency.Header, "The same key answers the same.", "7d0c1a52")
            .Produces<ResumeSubscription.Answer>()
            .Example(new ResumeSubscription.Answer(true, "sub_1", "pro_monthly", "active", "2026-12-20T08:12:57Z", false, "Subscription resumed successfully"))
            .Refuses(400, "it was not cancelled", "Failed to resume subscription: the subscription is neither cancelled nor paused")
            .Refuses(404, "there is none, or it has ended", CancelSubscription.NoneFound)
            .Refuses(503, "there is no Stripe", $"Failed to resume subscription: {Unconfigured}");
    }

    private static void MapChange(RouteGroupBuilder routes)
    {
        routes.MapPost("/payments/preview-change", PreviewChange.Handle)
            .WithName("PreviewChange")
            .WithSummary("What another plan would cost now")
            .WithDescription("Changes nothing. Give proration_date to change-plan within an hour, and the change costs exactly this.")
            .ExampleRequest(new PreviewChange.Request("pro_monthly"))
            .Produces<PreviewChange.Answer>()
            .Example(new PreviewChange.Answer(
                true, "sub_1", "basic_monthly", "pro_monthly", 1795852800, 2500, 2500, "usd",
                [new("Unused time on Basic Monthly", -2499, true), new("Remaining time on Pro Monthly", 4999, true)]))
            .Refuses(400, "there is no such plan", "Failed to preview the change: there is no such plan")
            .Refuses(404, "there is nothing to change", CancelSubscription.NoneFound)
            .Refuses(503, "there is no Stripe", $"Failed to preview the change: {Unconfigured}");

        routes.MapPost("/payments/change-plan", ChangePlan.Handle)
            .WithName("ChangeSubscription")
            .WithSummary("Change to another plan of the same product")
            .WithDescription(
                "The difference for the rest of the period is charged at once, or kept as a credit. When the bank asks the customer, requires_action is "
                + "true and the plan changes once the payment is confirmed. When it cannot be paid, nothing has changed.")
            .ExampleRequest(new ChangePlan.Request("pro_monthly", 1795852800))
            .Parameter("header", Idempotency.Header, "The same key changes once and answers the same.", "7d0c1a52")
            .Produces<ChangePlan.Answer>()
            .Example(new ChangePlan.Answer(true, "sub_1", "pro_monthly", null, false, "Plan changed successfully"))
            .Refuses(400, "the bank says no, with its reason where it may be told", $"Failed to change plan: {CardDecline.Plain}")
            .Refuses(400, "there is nothing to change", "Failed to change plan: there is no subscription to change; subscribe to the plan instead")
            .Refuses(409, "another request is changing the same plan", $"Failed to change plan: {PaymentRefusal.Busy}")
            .Refuses(503, "there is no Stripe", $"Failed to change plan: {Unconfigured}");
    }

    private static void MapShow(RouteGroupBuilder routes)
    {
        routes.MapGet("/payments/subscription-status", ShowSubscription.Handle)
            .WithName("ShowSubscription")
            .WithSummary("The account's plan")
            .WithDescription("With what it promises and what was used in the current period; cost in cents. Without one: status no_subscription.")
            .Produces<ShowSubscription.Answer>()
            .Example(new ShowSubscription.Answer(
                true, "pro_monthly", "monthly", "active", "2026-11-20T08:12:57Z", "2026-12-20T08:12:57Z", false,
                System.Text.Json.JsonSerializer.SerializeToElement(new { voice_minutes = 500 }),
                new Dictionary<string, CurrentUsage> { ["transcription"] = new(45, 90, "minutes") }));

        routes.MapGet("/payments/billing-history", BillingHistory.Handle)
            .WithName("BillingHistory")
            .WithSummary("What the account has paid")
            .WithDescription("The newest first; amounts in minor units. What cost nothing, as the invoice of a trial, is not listed.")
            .Parameter("query", "limit", "1 to 100.", 10)
            .Produces<BillingHistory.Answer>()
            .Example(new BillingHistory.Answer(
                true, [new(4711, 9999, "usd", "succeeded", "subscription", "Payment for pro_monthly", "2026-11-20T08:12:57Z", "in_1")], 1));
    }

    private static void MapAdmin(RouteGroupBuilder routes) => routes.MapGet("/payments/admin/reconciliations", ListReconciliations.Handle)
        .RequireAuthorization(Operators.Policy)
        .WithName("ListReconciliations")
        .WithSummary("What the comparisons with Stripe found")
        .WithDescription("The last thirty, the newest first. Every difference has been settled. For operators.")
        .Produces<IReadOnlyList<ListReconciliations.Report>>()
        .Example(new[]
        {
            new ListReconciliations.Report(
                "0190f8e2-6d2c-7b3a-9d55-3f0c1f1f2a10", "2026-11-20T02:00:00Z", "2026-11-20T02:00:04Z", 120, 133,
                [new("sub_1", "is canceled at Stripe and active here")]),
        })
        .Refuses(403, "the caller is no operator", "Admin privileges required");
}
