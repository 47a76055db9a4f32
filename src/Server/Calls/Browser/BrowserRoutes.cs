using Ledgerline.Http;

namespace Ledgerline.Calls.Browser;

/// <summary>The routes of conversations in a browser.</summary>
internal static class BrowserRoutes
{
    private const string Id = "0190f8e2-6d2c-7b3a-9d55-3f0c1f1f2a10";

    public static void MapBrowserCalls(this IEndpointRouteBuilder app)
    {
        var routes = app.MapGroup("/realtime").WithTags("Browser calls").RequireAuthorization().WithMetadata(FlatValidation.Form, RateLimit.AiWork);
        routes.MapPost("/session", BrowserSessions.Begin)
            .WithName("BeginBrowserCall")
            .WithSummary("Begin a conversation in the browser")
            .WithDescription(
                "Reserves what pays for it, as an incoming call: minutes of the plan, pay-as-you-go, or credits where the operator sells calls so. `scenario` or `scenario_id` "
                + "names a built-in scenario or one of the account's own. The session waits ten minutes for its offer, lasts an hour at most once it was answered, and is gone when it has ended.")
            .Parameter("header", Idempotency.Header, "The same key begins one session and answers the same.", "7d0c1a52")
            .ExampleRequest(new { scenario = "default" })
            .Produces<BrowserSessions.Session>()
            .Example(new BrowserSessions.Session(Id, [new BrowserSessions.IceServer(["stun:stun.l.google.com:19302"])], "2026-11-20T08:12:57Z"))
            .Refuses(400, "no scenario is named", BrowserSessions.NoScenario)
            .Refuses(400, "there is no such scenario", "Invalid scenario: x")
            .Refuses(402, "nothing pays for it", new { error = "upgrade_required", message = "Please upgrade to a Business plan to continue making calls for your organization." })
            .Refuses(404, "the scenario is somebody else's", "Custom scenario not found or you don't have permission to use it");
        routes.MapPost("/signal", BrowserSessions.Take)
            .WithName("SignalBrowserCall")
            .WithSummary("Exchange session descriptions")
            .WithDescription("`offer` with the browser's `sdp`, which has its candidates in it, is answered with the provider's; the same offer again is answered the same. `ice-candidate` is acknowledged.")
            .ExampleRequest(new { type = "offer", sdp = "v=0…", session_id = Id })
            .Produces<BrowserSessions.SignalAnswer>()
            .Example(new BrowserSessions.SignalAnswer("answer", "v=0…", null, null))
            .Refuses(400, "the type is unknown", BrowserSessions.UnknownType)
            .Refuses(400, "the offer is none", BrowserSessions.BadOffer)
            .Refuses(400, "another offer was answered", BrowserSessions.Answered)
            .Refuses(404, "the account has no such session, or it is over", BrowserSessions.NoSession)
            .Refuses(409, "an offer is being answered", BrowserSessions.BeingAnswered)
            .Refuses(503, "the operator has no realtime voice", BrowserSessions.NotConfigured)
            .Refuses(503, "the provider failed", BrowserSessions.NotNow);
    }
}
