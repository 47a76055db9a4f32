using System.Text.Json;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Plans.Admin;

namespace Ledgerline.Plans;

/// <summary>The routes of the catalogue and of what an account has left.</summary>
internal static class PlansRoutes
{
    private const string Tag = "Plans";
    private const string Admin = "/payments/admin/subscription-plans";

    private static readonly object SampleFeatures = new { voice_minutes = 200, sms_messages = 1000, custom_scenarios = 5, transcription_storage = "60_days" };
    private static readonly object SamplePricing = new { price = "79.00", currency = "usd", interval = "month", trial_days = 14 };

    private static readonly EditPlans.Shown SamplePlan =
        new("Plus Monthly", PlanType.Monthly, JsonSerializer.SerializeToElement(SampleFeatures), JsonSerializer.SerializeToElement(SamplePricing));

    public static void MapPlans(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("").WithMetadata(FlatValidation.Form).WithTags(Tag);
        routes.MapGet("/payments/subscription-plans", ListPlans.Handle)
            .AllowAnonymous().WithMetadata(RateLimit.PublicReads)
            .WithName("ListPlans")
            .WithSummary("What can be subscribed to")
            .WithDescription(
                """
                Plans by their ids, in the order they are shown. `price` is for one period in the currency's major unit; plans that are billed by
                use have unit prices in `pricing` instead. Plans that count calls have `weekly_calls`, null for unlimited; the others promise
                what `features` says.
                """)
            .Example(new ListPlans.Answer(new Dictionary<string, ListPlans.Offered>
            {
                ["basic_monthly"] = new("Basic Monthly", PlanType.Monthly, JsonSerializer.SerializeToElement(SampleFeatures), null, 49.99m, null),
            }));
        routes.MapGet("/usage-stats", ShowUsageStats.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Everything)
            .WithName("UsageStats")
            .WithSummary("What the account has left")
            .WithDescription(
                """
                The trial, the calls in the windows that run now (7 days, 30 days, the UTC day), the plan, and prices by platform. In the trial
                `calls_remaining_this_week` and `_month` are the trial calls that are left; they are null where the tier has no such limit.
                """)
            .Example(Offers.SampleStats with { AppType = Platform.WebBusiness, SubscriptionTier = "business_free_trial" });
        MapAdmin(routes.MapGroup("").RequireAuthorization(Operators.Policy).WithMetadata(RateLimit.Everything));
    }

    private static void MapAdmin(RouteGroupBuilder routes)
    {
        routes.MapPost(Admin, EditPlans.Create)
            .WithName("CreatePlan")
            .WithSummary("Make a plan")
            .WithDescription(
                """
                For operators. `features` is what the plan promises: `voice_minutes`, `sms_messages`, `custom_scenarios` (whole numbers or
                `"unlimited"`), `transcription_storage` (`"30_days"`, `"1_year"`, `"unlimited"`), and anything else that is true, false, a text
                or a whole number. `pricing` may have: `price` for one period, decimal as a number or a text with at most two decimals;
                `currency` (usd); `interval` (must fit `plan_type`); `product` (`calls`, `voice_features`, `chat_pro`; without it a plan with
                `weekly_calls` is one of calls, every other one of voice features); `trial_days`; `weekly_calls` (a whole number, or null for
                unlimited). A `usage` plan has unit prices with up to ten decimals instead: `voice_per_minute`, `sms_per_message`,
                `transcription_per_minute`, `custom_scenario_setup`, and where chat is sold by the message `chat_per_message`. A plan without a price cannot be subscribed to. Product and price at the
                payment provider follow by themselves.
                """)
            .ExampleRequest(new { plan_id = "plus_monthly", name = "Plus Monthly", plan_type = PlanType.Monthly, features = SampleFeatures, pricing = SamplePricing })
            .Example(new EditPlans.Answer("plus_monthly", SamplePlan, "Plan 'plus_monthly' created successfully"))
            .Refuses(400, "the id is none", "Plan ID must contain only alphanumeric characters and underscores")
            .Refuses(403, "the caller is no operator", "Admin privileges required")
            .Refuses(409, "a plan of this id is offered already", "Plan 'plus_monthly' already exists");
        routes.MapPut(Admin + "/{plan_id}", EditPlans.Change)
            .WithName("ChangePlan")
            .WithSummary("Change a plan")
            .WithDescription(
                """
                For operators. Makes a new version; who has subscribed keeps theirs. What is left out stays as it is: `features` and `pricing`
                are replaced as a whole, but a price, a trial and a number of calls that are not spoken of stay. The product cannot be changed.
                """)
            .Parameter("path", "plan_id", "Which plan, as listed.", "plus_monthly")
            .ExampleRequest(new { name = "Plus", pricing = new { price = 89 } })
            .Example(new EditPlans.Answer("plus_monthly", SamplePlan, "Plan 'plus_monthly' updated successfully"))
            .Refuses(403, "the caller is no operator", "Admin privileges required")
            .Refuses(404, "no such plan is offered", "Plan 'plus_monthly' not found");
        routes.MapDelete(Admin + "/{plan_id}", EditPlans.Delete)
            .WithName("DeletePlan")
            .WithSummary("Take a plan off the list")
            .WithDescription("For operators. Nobody can subscribe to it any more; who has it keeps it. A plan of the same id can be made later.")
            .Parameter("path", "plan_id", "Which plan, as listed.", "plus_monthly")
            .Example(new EditPlans.DeletedAnswer("plus_monthly", SamplePlan, "Plan 'plus_monthly' deleted successfully"))
            .Refuses(403, "the caller is no operator", "Admin privileges required")
            .Refuses(403, "the product cannot do without it", "Cannot delete core plan 'basic_monthly' in production")
            .Refuses(404, "no such plan is offered", "Plan 'plus_monthly' not found");
    }
}
