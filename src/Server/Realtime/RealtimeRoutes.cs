using Ledgerline.Http;

namespace Ledgerline.Realtime;

/// <summary>Every address of Realtime.</summary>
internal static class RealtimeRoutes
{
    public static void MapRealtime(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/events", LiveEvents.Handle)
            .RequireAuthorization()
            .WithMetadata(RateLimit.Everything)
            .WithName("LiveEvents")
            .WithTags("Live events")
            .WithSummary("The account's events as they happen")
            .WithDescription(
                """
                Server-sent events (`text/event-stream`): unnamed events, each with an `id:` line and one `data:` line of JSON that has a `type`.

                The first is `connected`; after 15 seconds without another event comes `ping`. `balance_updated` and the others are sent on
                whichever node they happen. To go on after a lost connection send the last `id` as `Last-Event-ID`: what was missed is sent
                first. Events are kept for 24 hours, at most 1000 of an account; beyond that one `resync` event asks to load the state again.

                The stream ends when the token expires or its session is ended (`session_ended`), and when the reader does not read.
                """)
            .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
            .Example("""
                id: 41
                data: {"type":"connected","message":"Real-time updates active"}

                id: 42
                data: {"type":"balance_updated","timestamp":"2026-11-20T08:12:57.178Z","unit":"credit","new_balance":97}

                """)
            .Parameter("header", "Last-Event-ID", "The `id` of the last event that was received: what came after it is sent first.", "41")
            .Parameter("query", "last_event_id", "The same, for clients that cannot set the header.", "41")
            .Refuses(StatusCodes.Status429TooManyRequests, "20 streams of the account are already open", "Too many live event streams: at most 20 may be open. Close one first.");
}
