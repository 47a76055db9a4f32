using System.Globalization;

namespace Sandbox.Twilio.Calls;

/// <summary>A call as the API shows it.</summary>
internal static class CallShape
{
    private static readonly string[] Parts = ["notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions", "user_defined_message_subscriptions", "user_defined_messages"];

    public static object Of(PhoneCall call)
    {
        var (order, state) = (call.Order, call.State);
        var uri = $"/2010-04-01/Accounts/{order.AccountSid}/Calls/{call.Sid}";
        return new
        {
            sid = call.Sid,
            account_sid = order.AccountSid,
            parent_call_sid = (string?)null,
            api_version = "2010-04-01",
            to = order.To,
            to_formatted = Formatted(order.To),
            from = order.From,
            from_formatted = Formatted(order.From),
            phone_number_sid = order.PhoneNumberSid,
            status = state.Status,
            direction = order.Direction,
            date_created = TwilioMessage.Date(call.CreatedAt),
            date_updated = TwilioMessage.Date(state.UpdatedAt),
            start_time = Date(state.StartedAt),
            end_time = Date(state.EndedAt),
            duration = state.Duration?.ToString(CultureInfo.InvariantCulture),
            price = state.Price,
            price_unit = "USD",
            answered_by = state.AnsweredBy,
            forwarded_from = (string?)null,
            caller_name = (string?)null,
            group_sid = (string?)null,
            trunk_sid = (string?)null,
            queue_time = state.QueueMs.ToString(CultureInfo.InvariantCulture),
            uri = uri + ".json",
            subresource_uris = Parts.ToDictionary(part => part, part => $"{uri}/{Pascal(part)}.json"),
        };
    }

    private static string? Date(DateTimeOffset? at) => at is { } instant ? TwilioMessage.Date(instant) : null;

    private static string Pascal(string name) => string.Concat(name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    /// <summary>As people write it: numbers of North America in their own way, others as they are.</summary>
    public static string Formatted(string number) =>
        number is ['+', '1', ..] && number.Length == 12 ? $"({number[2..5]}) {number[5..8]}-{number[8..]}" : number;
}
