using Ledgerline.Calls.Dialling;
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
        MapMobileCalls(routes);
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

    private static void MapMobileCalls(RouteGroupBuilder routes)
    {
        const string Sid = "CA7b3f00000000000000000000000000a1", Time = "2026-11-20T08:12:57Z";
        CallUsage usage = new(2, 2, 0, false, 2, 1);
        routes.MapPost("/make-call", MakeCall.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Calls)
            .WithName("MobileMakeCall")
            .WithSummary("Call somebody")
            .WithDescription("Placed and counted before this answers. The same account, number and scenario within ten seconds are the same call, because the app repeats by itself.")
            .ExampleRequest(new MakeCall.Request("+15550100123", "fake_doctor"))
            .Parameter("header", Idempotency.Header, "The same key places one call and answers the same.", "7d0c1a52")
            .Produces<MakeCall.Answer>()
            .Example(new MakeCall.Answer(Sid, "initiated", 60, usage))
            .Refuses(400, "no such number is dialled", "Invalid phone number")
            .Refuses(400, "there is no such scenario", DialAnswers.InvalidScenario);
        routes.MapPost("/make-custom-call", MakeCall.HandleCustom)
            .RequireAuthorization().WithMetadata(RateLimit.Calls)
            .WithName("MobileMakeCustomCall")
            .WithSummary("Call somebody with a scenario of one's own")
            .WithDescription("As `/mobile/make-call`; needs a subscription.")
            .ExampleRequest(new MakeCall.CustomRequest("+15550100123", "custom_4503599627370497_1795248777"))
            .Parameter("header", Idempotency.Header, "The same key places one call and answers the same.", "7d0c1a52")
            .Produces<MakeCall.CustomAnswer>()
            .Example(new MakeCall.CustomAnswer(Sid, "initiated", 120, usage, "custom_4503599627370497_1795248777", "A cheerful neighbour"))
            .Refuses(404, "the account has no such scenario", DialAnswers.NoCustomScenario);
        routes.MapPost("/schedule-call", ScheduleMobileCall.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Scheduling)
            .WithName("MobileScheduleCall")
            .WithSummary("Call somebody at a time")
            .WithDescription("As JSON, or with the same names in the address. Without `scheduled_time`: in a minute.")
            .ExampleRequest(new ScheduleMobileCall.Request("+15550100123", "default", "2026-11-21T14:30:00Z"))
            .Parameter("header", Idempotency.Header, "The same key schedules one call and answers the same.", "7d0c1a52")
            .Produces<ScheduleMobileCall.Answer>()
            .Example(new ScheduleMobileCall.Answer(7339815469056, "+15550100123", "default", "2026-11-21T14:30:00Z", "scheduled"));
        routes.MapGet("/call-history", MobileCallHistory.Handle)
            .RequireAuthorization().WithMetadata(RateLimit.Everything)
            .WithName("MobileCallHistory")
            .WithSummary("The calls that were made")
            .WithDescription("The newest first.")
            .Parameter("query", "limit", "1 to 1000.", 10)
            .Produces<MobileCallHistory.Answer>()
            .Example(new MobileCallHistory.Answer([new MobileCallHistory.Call(7339815469056, "+15550100123", "fake_doctor", "completed", Time, Sid)], 1));
    }
}
