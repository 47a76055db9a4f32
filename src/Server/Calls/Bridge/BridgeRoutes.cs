using Ledgerline.Http;
using Ledgerline.Identity;

namespace Ledgerline.Calls.Bridge;

/// <summary>The sockets where a call's audio flows.</summary>
internal static class BridgeRoutes
{
    private const string Frames = """
        {"event":"media","streamSid":"MZ0f…","media":{"payload":"//////////8="}}
        {"event":"mark","streamSid":"MZ0f…","mark":{"name":"responsePart"}}
        {"event":"clear","streamSid":"MZ0f…"}

        """;

    public static void MapBridge(this IEndpointRouteBuilder app)
    {
        var streams = app.MapGroup("").WithTags("Media streams").AllowAnonymous().WithMetadata(new SignedBy("Twilio"), RateLimit.Webhook);
        streams.MapGet("/media-stream", MediaSockets.Handle).Describe("MediaStream", "A call's audio", "The default scenario's");
        streams.MapGet("/media-stream/{scenario}", MediaSockets.Handle).Describe("ScenarioMediaStream", "A call's audio in a scenario", "A scenario's, built in or the account's own,");
        streams.MapGet("/media-stream-custom/{scenario_id}", MediaSockets.HandleCustom)
            .Describe("CustomMediaStream", "A call's audio in a scenario of its account's own", "A scenario's of the call's account");
        streams.MapGet("/media-stream-custom-calendar/{scenario_id}", MediaSockets.HandleCustom)
            .Describe("CustomCalendarMediaStream", "The same with the calendar", "A scenario's of the call's account, always with the booking tool,");
        streams.MapGet("/calendar-media-stream", MediaSockets.Handle).Describe("CalendarMediaStream", "A call's audio with the calendar assistant", "The calendar assistant's");

        app.MapGet("/update-scenario/{scenario}", MediaSockets.UpdateScenario)
            .RequireAuthorization()
            .WithMetadata(RateLimit.Everything, TokenInQuery.Accepted)
            .WithTags("Media streams")
            .WithName("UpdateScenario")
            .WithSummary("Says that a scenario was updated")
            .WithDescription("WebSocket. Sends `{\"status\":\"ok\"}` and closes with 1000; changes nothing. The token may stand in the query as `access_token`.")
            .Parameter("query", "access_token", "The token, for clients that cannot set a socket's headers.")
            .Produces<string>(StatusCodes.Status200OK, "application/json")
            .Example(new { status = "ok" })
            .Refuses(StatusCodes.Status426UpgradeRequired, "it is no WebSocket", "This address takes WebSockets only");
    }

    private static void Describe(this RouteHandlerBuilder route, string name, string summary, string whose) => route
        .WithName(name)
        .WithSummary(summary)
        .WithDescription(
            $"WebSocket that the carrier opens. {whose} stream: text frames `connected`, `start` with the token of its TwiML, then `media`, `mark`, `dtmf` and `stop`; "
            + "`media`, `mark` and `clear` come back. Closed with 1008 when the start does not come within 5 seconds, or its token is not good for this call and path.")
        .Parameter("header", "X-Twilio-Signature", "Over the address with `wss`; must be good where it is given, and must be given in Production.")
        .Produces<string>(StatusCodes.Status200OK, "application/json")
        .Example(Frames)
        .Refuses(StatusCodes.Status401Unauthorized, "the upgrade's signature is wrong or missing", "The stream's signature is wrong")
        .Refuses(StatusCodes.Status426UpgradeRequired, "it is no WebSocket", "This address takes WebSockets only");
}
