using System.Globalization;
using Ledgerline.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ledgerline.Realtime;

/// <summary>
/// Answers a request with the account's live events (server-sent events). Each stream reads its own events from the rows, when it
/// is rung: so old and new events, of this node and of others, come on one way and in order.
/// </summary>
public sealed class EventStreams
{
    private const string LastEventId = "Last-Event-ID";
    private const string LastEventIdQuery = "last_event_id";
    private static readonly TimeSpan WhenFull = TimeSpan.FromSeconds(30);

    private readonly StreamHub hub;
    private readonly EventLog log;
    private readonly LiveTexts texts;
    private readonly EventWriter writer;
    private readonly StreamTurns turns;
    private readonly TimeProvider clock;

    internal EventStreams(StreamHub hub, EventLog log, LiveTexts texts, EventWriter writer, TimeProvider clock)
    {
        (this.hub, this.log, this.texts, this.writer, this.clock) = (hub, log, texts, writer, clock);
        turns = new StreamTurns(log, texts, writer, clock);
    }

    /// <summary>
    /// Sends the beginning of the stream; the rest of it is left to run until the reader leaves, its sign-in ends or the server stops.
    /// Refuses when too many are open.
    /// </summary>
    /// <exception cref="Invalid">The last event id is not a number.</exception>
    public async Task<IResult> Open(HttpContext context, CurrentAccount account, StreamStyle style, CancellationToken stop)
    {
        var from = ReadLastEventId(context.Request);
        if (hub.Open(account.Id, siblings => new OpenStream(siblings, account, style, turns, context, clock.GetUtcNow())) is not { } stream)
        {
            return Refusal.TooManyRequests(WhenFull, $"Too many live event streams: at most {StreamHub.MostPerAccount} may be open. Close one first.");
        }

        var goesOn = false;
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-cache";
            // nginx would collect events before it passes them on.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            if (!HeadRequests.Is(context) && await Begin(stream, from, stop))
            {
                context.Leave(stream);
                goesOn = true;
            }
        }
        finally
        {
            if (!goesOn)
            {
                stream.Dispose();
            }
        }

        return Results.Empty;
    }

    // False when it is over already.
    private async Task<bool> Begin(OpenStream stream, long? from, CancellationToken stop)
    {
        stream.Listening = stream.Style.Topic is null ? null : texts.Listen(stream.Account.Id);
        // A token may still be believed here for some seconds after its session was ended on another node.
        if ((await log.Kept(stream.Account.Id, SessionsEnded.Type, stop)).Any(data => SessionsEnded.Names(data, stream.Account.SessionId)))
        {
            return false;
        }

        var (first, last) = await log.Span(stream.Account.Id, stop);
        var oldest = Math.Max(first - 1, last - stream.Style.MostReplayed);
        var gap = from is { } wanted && (wanted < oldest || wanted > last);
        stream.Position = gap ? oldest : from ?? last;
        stream.Hear(last);
        await writer.Say(stream, new { Type = "connected", Message = "Real-time updates active" });
        if (gap)
        {
            await writer.Say(stream, await stream.Style.Gap(stop));
        }

        return true;
    }

    private static long? ReadLastEventId(HttpRequest request)
    {
        var (place, name, text) = request.Headers.TryGetValue(LastEventId, out var header)
            ? ("header", LastEventId, header.ToString())
            : ("query", LastEventIdQuery, request.Query[LastEventIdQuery].ToString());
        return text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id
            : throw new Invalid(place, name, $"{name} must be the id of an event of this stream: a whole number", "int_parsing");
    }
}
