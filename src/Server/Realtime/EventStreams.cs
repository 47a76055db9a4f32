using System.Globalization;
using System.Text.Json;
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
    private readonly TimeProvider clock;
    private readonly JsonSerializerOptions json;

    internal EventStreams(StreamHub hub, EventLog log, LiveTexts texts, TimeProvider clock, JsonSerializerOptions json) =>
        (this.hub, this.log, this.texts, this.clock, this.json) = (hub, log, texts, clock, json);

    /// <summary>Runs until the reader leaves, its sign-in ends or the server stops. Refuses when too many are open.</summary>
    /// <exception cref="Invalid">The last event id is not a number.</exception>
    public async Task<IResult> Open(HttpContext context, CurrentAccount account, StreamStyle style, CancellationToken stop)
    {
        var from = ReadLastEventId(context.Request);
        if (hub.Open(account, () => new OpenStream(account, style, clock.GetUtcNow(), context.Abort)) is not { } stream)
        {
            return Refusal.TooManyRequests(WhenFull, $"Too many live event streams: at most {StreamHub.MostPerAccount} may be open. Close one first.");
        }

        // Who has gone rings too, so that nobody has to listen for it at each wait.
        await using var gone = stop.UnsafeRegister(static one => ((OpenStream)one!).Close(), stream);
        try
        {
            context.Response.ContentType = "text/event-stream";
            context.Response.Headers.CacheControl = "no-cache";
            // nginx would collect events before it passes them on.
            context.Response.Headers["X-Accel-Buffering"] = "no";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            if (!HeadRequests.Is(context))
            {
                using var elsewhere = style.Topic is null ? null : texts.Listen(account.Id);
                await Run(new EventWriter(context, stream, clock, json), stream, from, stop);
            }
        }
        finally
        {
            hub.Remove(stream);
        }

        return Results.Empty;
    }

    private async Task Run(EventWriter writer, OpenStream stream, long? from, CancellationToken stop)
    {
        // A token may still be believed here for some seconds after its session was ended on another node.
        if ((await log.Kept(stream.Account.Id, SessionsEnded.Type, stop)).Any(data => SessionsEnded.Names(data, stream.Account.SessionId)))
        {
            return;
        }

        var (first, last) = await log.Span(stream.Account.Id, stop);
        var oldest = Math.Max(first - 1, last - stream.Style.MostReplayed);
        var gap = from is { } wanted && (wanted < oldest || wanted > last);
        stream.Position = gap ? oldest : from ?? last;
        stream.Hear(last);
        await writer.Say(new { Type = "connected", Message = "Real-time updates active" }, stop);
        if (gap)
        {
            await writer.Say(await stream.Style.Gap(stop), stop);
        }

        while (!stream.IsClosed && !(stream.Account.ExpiresAt <= clock.GetUtcNow()))
        {
            var written = stream.Style.Topic is { } topic ? texts.Of(stream.Account.Id, topic) : [];
            await Say(writer, stream.MoreOf(written), stop);
            if (stream.TakeNews() && !await SendNews(writer, stream, stop))
            {
                return;
            }

            await Say(writer, stream.BeginningsOf(written), stop);

            if (stream.IsQuietSince(clock.GetUtcNow() - stream.Style.Heartbeat))
            {
                await writer.Say(new { Type = "ping" }, stop);
            }

            await stream.Rung();
        }
    }

    private static async Task Say(EventWriter writer, IEnumerable<string> parts, CancellationToken stop)
    {
        foreach (var part in parts)
        {
            await writer.SayJson(part, stop);
        }
    }

    // False when the stream's own sign-in session has ended.
    private async Task<bool> SendNews(EventWriter writer, OpenStream stream, CancellationToken stop)
    {
        while (!stream.IsClosed)
        {
            // Known before the look at the rows: what the look does not find up to here is about something else.
            var heard = stream.Heard;
            var recent = hub.Recent.After(stream.Account.Id, stream.Position, out var isAll);
            var page = recent is null ? await log.After(stream.Account.Id, stream.Style.Topic, stream.Position, stop) : stream.Style.Of(recent);
            if (!await writer.Send(page, stop))
            {
                return false;
            }

            if (recent is not null)
            {
                // What it does not show it has nevertheless.
                stream.Position = recent[^1].Id;
                if (isAll)
                {
                    break;
                }

                continue;
            }

            if (page.Count < EventLog.Page)
            {
                stream.Position = Math.Max(stream.Position, heard);
                break;
            }
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
