using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;
using Sandbox.Core;

namespace Sandbox.Twilio;

/// <summary>Text messages of the account: sends, reads, lists, empties and deletes them.</summary>
internal static class Messages
{
    private const int LongestBody = 1600;
    private const int LargestPage = 1000;

    public static async Task<IResult> Send(HttpContext context, string account, TwilioWorld world, MessageDelivery delivery, MessageBox box, SandboxClock clock, SandboxOptions options)
    {
        var form = await TwilioForm.Read(context, "To", "From", "MessagingServiceSid", "Body", "StatusCallback", "ValidityPeriod");
        var to = form["To"] ?? throw new TwilioError(400, 21604, "A 'To' phone number is required.");
        var service = form["MessagingServiceSid"];
        var from = form["From"] ?? (service is null ? throw new TwilioError(400, 21603, "A 'From' phone number is required.") : options.TwilioPhoneNumber);
        var body = form["Body"] ?? throw new TwilioError(400, 21602, "Message body is required.");
        if (body.Length > LongestBody)
        {
            throw new TwilioError(400, 21617, "The concatenated message body exceeds the 1600 character limit.");
        }

        if (service is not null && !(service.StartsWith("MG", StringComparison.Ordinal) && service.Length == 34))
        {
            throw new TwilioError(400, 21701, $"The Messaging Service {service} does not exist.");
        }

        if (form["ValidityPeriod"] is { } period && !(int.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 1 and <= 36_000))
        {
            throw new TwilioError(400, 30036, "ValidityPeriod must be between 1 and 36000 seconds.");
        }

        TwilioNumbers.DemandRecipient(to);
        TwilioNumbers.DemandSender(from, options.TwilioPhoneNumber);
        if (to == from)
        {
            throw new TwilioError(400, 21266, "'To' and 'From' number cannot be the same.");
        }

        var callback = Callback(form["StatusCallback"]);
        world.DemandWilling(to);
        var message = new TwilioMessage(account, to, from, body, clock.GetUtcNow()) { MessagingServiceSid = service, StatusCallback = callback };
        var fate = world.TakeDelivery(to);
        world.Add(message);
        if (fate.Arrives)
        {
            box.Add(new Message("sms", to, from, null, body, null, message.CreatedAt));
        }

        delivery.Start(message, fate);
        return Json.Answer(message.Shape(), 201);
    }

    public static IResult Get(HttpContext context, string sid, TwilioWorld world) => Json.Answer(Known(context, sid, world).Shape());

    /// <summary>Two changes are possible: to empty the body, and to cancel a message that has not left.</summary>
    public static async Task<IResult> Update(HttpContext context, string sid, TwilioWorld world)
    {
        var form = await TwilioForm.Read(context, "Body", "Status");
        var message = Known(context, sid, world);
        if (form["Status"] is not null || !form.Has("Body"))
        {
            throw new TwilioError(400, 30409, "Message cannot be canceled: only a scheduled one can, and the sandbox schedules none.");
        }

        if (form["Body"] is not null || !message.IsFinal)
        {
            throw new TwilioError(400, 20001, "Body can only be emptied, and only when the message's status is final.");
        }

        return Json.Answer(world.Change(sid, one => one with { Body = "" })!.Shape());
    }

    public static IResult Delete(HttpContext context, string sid, TwilioWorld world)
    {
        if (!Known(context, sid, world).IsFinal)
        {
            throw new TwilioError(409, 20009, "Resource not complete: a message can be deleted when its status is final.");
        }

        world.Remove(sid);
        return Results.NoContent();
    }

    public static IResult List(HttpContext context, string account, TwilioWorld world)
    {
        var query = context.Request.Query;
        string? Asked(string name) => query[name].ToString() is { Length: > 0 } value ? value : null;
        var size = Number(Asked("PageSize"), 50, 1, LargestPage, "PageSize");
        var page = Number(Asked("Page"), 0, 0, int.MaxValue, "Page");
        var (on, before, after) = (Day(Asked("DateSent")), Day(Asked("DateSent<")), Day(Asked("DateSent>")));
        var all = world.List().Where(message =>
            (Asked("To") is not { } to || message.To == to) && (Asked("From") is not { } from || message.From == from)
            && (on is null || message.SentAt?.UtcDateTime.Date == on.Value.UtcDateTime.Date)
            && (before is null || message.SentAt <= before) && (after is null || message.SentAt >= after)).ToList();
        var start = Asked("PageToken") is { } token ? all.FindIndex(message => "PA" + message.Sid == token) + 1 : (long)page * size;
        var shown = all.Skip((int)Math.Min(start, all.Count)).Take(size).ToList();
        var more = start + shown.Count < all.Count;
        return Json.Answer(new
        {
            messages = shown.Select(message => message.Shape()),
            page,
            page_size = size,
            start,
            end = start + Math.Max(0, shown.Count - 1),
            uri = Address(page, Asked("PageToken")),
            first_page_uri = Address(0, null),
            next_page_uri = more ? Address(page + 1, "PA" + shown[^1].Sid) : null,
            previous_page_uri = page > 0 ? Address(page - 1, null) : null,
        });

        string Address(int at, string? token)
        {
            var kept = query.Where(one => one.Key is not ("Page" or "PageToken" or "PageSize")).Select(one => KeyValuePair.Create<string, string?>(one.Key, one.Value.ToString())).ToList();
            kept.Add(new("PageSize", size.ToString(CultureInfo.InvariantCulture)));
            kept.Add(new("Page", at.ToString(CultureInfo.InvariantCulture)));
            if (token is not null)
            {
                kept.Add(new("PageToken", token));
            }

            return QueryHelpers.AddQueryString($"/2010-04-01/Accounts/{account}/Messages.json", kept);
        }
    }

    private static TwilioMessage Known(HttpContext context, string sid, TwilioWorld world) =>
        world.Find(sid) ?? throw TwilioError.NotFound(TwilioRoutes.Below(context));

    private static Uri? Callback(string? written) =>
        written is null ? null
        : Uri.TryCreate(written, UriKind.Absolute, out var url) && url.Scheme is ("http" or "https") ? url
        : throw new TwilioError(400, 21609, $"The StatusCallback URL {written} is not a valid URL.");

    private static int Number(string? written, int otherwise, int least, int most, string name) =>
        written is null ? otherwise
        : int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
        : throw new TwilioError(400, 20001, $"{name} must be a number between {least} and {most}.");

    private static DateTimeOffset? Day(string? written) =>
        written is null ? null
        : DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at
        : throw new TwilioError(400, 20001, "DateSent is an instant, as 2026-01-31T12:00:00Z.");
}
