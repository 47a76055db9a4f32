using Ledgerline.Http;
using Ledgerline.Plans;

namespace Ledgerline.Mobile;

/// <summary>The routes of the phone app.</summary>
internal static class MobileRoutes
{
    private static readonly MobilePricing SamplePricing = Offers.SamplePricing;

    public static void MapMobile(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("/mobile").WithMetadata(FlatValidation.Form).WithTags("Mobile");
        routes.MapGet("/usage-stats", ShowUsageStats.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Everything)
            .WithName("MobileUsageStats")
            .WithSummary("What the account has left")
            .WithDescription("As `/usage-stats`. An account without allowances gets a phone app's trial with this question.")
            .Example(Offers.SampleStats);
        routes.MapPost("/check-call-permission", CheckCallPermission.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Everything)
            .WithName("CheckCallPermission")
            .WithSummary("May I call?")
            .WithDescription(
                """
                No body. `status` says out of what: `trial_call_available`, `basic_call_available`, `premium_call_available`,
                `addon_call_available`, `subscription_active`, or why not: `trial_exhausted`, `upgrade_required`, `weekly_limit_reached`,
                `monthly_limit_reached`. `details` has what belongs to the status, and a `message` whenever the call is denied. Nothing is reserved.
                """)
            .Example(new CallPermission(true, AllowanceStatus.TrialCallAvailable, new Dictionary<string, object?>
            {
                ["calls_remaining"] = 2,
                ["duration_limit"] = 60,
                ["trial_ends"] = "2026-11-27T08:12:57Z",
                ["app_type"] = "mobile_consumer",
                ["calls_remaining_this_week"] = 2,
            }));
        routes.MapGet("/pricing", ShowPricing.Handle)
            .AllowAnonymous().WithMetadata(RateLimit.PublicReads)
            .WithName("MobilePricing")
            .WithSummary("What the app sells")
            .WithDescription("All values are texts, as the app shows them. `weekly_plan` is for an earlier build.")
            .Example(SamplePricing);
        routes.MapGet("/scenarios", ShowScenarios.Handle)
            .AllowAnonymous().WithMetadata(RateLimit.PublicReads)
            .WithName("MobileScenarios")
            .WithSummary("What can be called")
            .WithDescription("Calls for fun first, then those that are a good reason to leave. Each can be named in a call; one that the operator switched off is not listed.")
            .Example(new ShowScenarios.Answer([ShowScenarios.Sample], [ShowScenarios.Categories[0]]));
    }
}
