using System.Globalization;

namespace Sandbox.Twilio.Calls;

/// <summary>Words the callbacks of calls: their steps, answering machines, recordings, streams.</summary>
internal sealed class CallCallbacks(TwilioCallback callback)
{
    /// <summary>Tells one step, when the call's callback asks for it; ends after the first try.</summary>
    public Task Step(PhoneCall call, string step, string status, DateTimeOffset at)
    {
        if (call.Callback is not { Url: { } url } asked || !asked.Events.Contains(step))
        {
            return Task.CompletedTask;
        }

        var form = Fields(call, status);
        form["Timestamp"] = TwilioMessage.Date(at);
        form["CallbackSource"] = "call-progress-events";
        form["SequenceNumber"] = Text(call.NextSequence());
        if (step == "completed")
        {
            form["CallDuration"] = Text(call.State.Duration ?? 0);
            form["Duration"] = Text(((call.State.Duration ?? 0) + 59) / 60);
            form["SipResponseCode"] = status switch { "completed" => "200", "busy" => "486", "failed" => "404", _ => "487" };
        }

        return callback.Send($"{call.Sid}-{step}", url, form);
    }

    public Task Amd(PhoneCall call, Uri url, string answeredBy, TimeSpan took) => callback.Send($"{call.Sid}-amd", url, new Dictionary<string, string>
    {
        ["CallSid"] = call.Sid,
        ["AccountSid"] = call.Order.AccountSid,
        ["AnsweredBy"] = answeredBy,
        ["MachineDetectionDuration"] = Text((long)took.TotalMilliseconds),
    });

    public Task Stream(PhoneCall call, Uri url, string streamSid, string? name, string happened, string? error, DateTimeOffset at)
    {
        var form = new Dictionary<string, string>
        {
            ["StreamSid"] = streamSid,
            ["CallSid"] = call.Sid,
            ["AccountSid"] = call.Order.AccountSid,
            ["StreamEvent"] = happened,
            ["Timestamp"] = TwilioMessage.Date(at),
        };
        Add(form, "StreamName", name);
        Add(form, "StreamError", error);
        return callback.Send($"{streamSid}-{happened}", url, form);
    }

    /// <summary>What every request about a call says.</summary>
    public static Dictionary<string, string> Fields(PhoneCall call, string? status = null)
    {
        var order = call.Order;
        var form = new Dictionary<string, string>
        {
            ["CallSid"] = call.Sid,
            ["AccountSid"] = order.AccountSid,
            ["From"] = order.From,
            ["To"] = order.To,
            ["Caller"] = order.From,
            ["Called"] = order.To,
            ["CallStatus"] = status ?? call.State.Status,
            ["Direction"] = order.Direction,
            ["ApiVersion"] = "2010-04-01",
        };
        Place(form, "From", order.From);
        Place(form, "To", order.To);
        Add(form, "AnsweredBy", call.State.AnsweredBy);
        return form;
    }

    // Of a number in North America the country is known; the rest is sent too, with nothing in it.
    private static void Place(Dictionary<string, string> form, string side, string number)
    {
        if (number.StartsWith("+1", StringComparison.Ordinal))
        {
            (form[side + "City"], form[side + "State"], form[side + "Zip"], form[side + "Country"]) = ("", "", "", "US");
        }
    }

    private static void Add(Dictionary<string, string> form, string name, string? value)
    {
        if (value is not null)
        {
            form[name] = value;
        }
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
