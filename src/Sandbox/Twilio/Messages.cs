using Sandbox.Core;
using Sandbox.Twilio.Calls;

namespace Sandbox.Twilio;

/// <summary>Text messages of the account: sends, reads, lists, empties and deletes them.</summary>
internal static class Messages
{
    private const int LongestBody = 1600;

    public static async Task<IResult> Send(HttpContext context, string account, TwilioWorld world, MessageDelivery delivery, MessageBox box, NumberStock numbers, SandboxClock clock, SandboxOptions options)
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

        form.Number("ValidityPeriod", 1, 36_000, code: 30036);

        TwilioNumbers.DemandRecipient(to);
        TwilioNumbers.DemandSender(from, numbers.Find(from) is not null);
        if (to == from)
        {
            throw new TwilioError(400, 21266, "'To' and 'From' number cannot be the same.");
        }

        var callback = form.Address("StatusCallback", 21609);
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

    public static IResult List(HttpContext context, TwilioWorld world)
    {
        var query = new TwilioQuery(context);
        var sent = query.When("DateSent");
        return query.Page(
            "messages", [.. world.List().Where(message => query.Fits("To", message.To) && query.Fits("From", message.From) && sent(message.SentAt))],
            message => message.Sid, message => message.Shape());
    }

    private static TwilioMessage Known(HttpContext context, string sid, TwilioWorld world) =>
        world.Find(sid) ?? throw TwilioError.NotFound(TwilioRoutes.Below(context));
}
