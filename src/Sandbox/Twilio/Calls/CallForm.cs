namespace Sandbox.Twilio.Calls;

/// <summary>Reads what a call is to be from the form that asks for it, and refuses what Twilio refuses.</summary>
internal static class CallForm
{
    private static readonly string[] Lists = ["StatusCallbackEvent", "RecordingStatusCallbackEvent"];
    private static readonly string[] RecordingEvents = ["in-progress", "completed", "absent"];

    private static readonly string[] Names =
    [
        "To", "From", "Url", "Method", "FallbackUrl", "FallbackMethod", "Twiml", "StatusCallback", "StatusCallbackMethod", "Timeout", "TimeLimit", "SendDigits",
        "Record", "RecordingChannels", "RecordingTrack", "RecordingStatusCallback", "RecordingStatusCallbackMethod", "Trim", "CallerId", "CallReason", "CallToken",
        "MachineDetection", "MachineDetectionTimeout", "MachineDetectionSpeechThreshold", "MachineDetectionSpeechEndThreshold", "MachineDetectionSilenceTimeout",
        "AsyncAmd", "AsyncAmdStatusCallback", "AsyncAmdStatusCallbackMethod",
    ];

    public static async Task<CallOrder> Read(HttpContext context, string account, NumberStock numbers)
    {
        var form = await TwilioForm.Read(context, Lists, Names);
        var to = form["To"] ?? throw new TwilioError(400, 21201, "No 'To' number is specified");
        var from = form["From"] ?? throw new TwilioError(400, 21213, "No 'From' number is specified");
        TwilioNumbers.DemandCallable(to);
        DemandCaller(from, numbers);
        var instructions = Instructions(form) ?? throw new TwilioError(400, 21205, "Url parameter is required.");
        form.OneOf("Trim", "trim-silence", "do-not-trim");
        form.Number("MachineDetectionTimeout", 3, 59);
        form.Number("MachineDetectionSpeechThreshold", 1000, 6000);
        form.Number("MachineDetectionSpeechEndThreshold", 500, 5000);
        form.Number("MachineDetectionSilenceTimeout", 2000, 10_000);
        OnlyPost(form, "AsyncAmdStatusCallbackMethod");
        return new CallOrder
        {
            AccountSid = account,
            To = to,
            From = from,
            Instructions = instructions,
            Callback = Callback(form),
            Timeout = form.Number("Timeout", 1, 600) ?? 60,
            TimeLimit = form.Number("TimeLimit", 1, 86_400) ?? CallOrder.LongestCall,
            SendDigits = Digits(form["SendDigits"]),
            Recording = form.Flag("Record") == true ? Recording(form, "OutboundAPI") : null,
            MachineDetection = form["MachineDetection"] is null ? null : form.OneOf("MachineDetection", "Enable", "DetectMessageEnd"),
            AsyncAmd = form.Flag("AsyncAmd") == true,
            AsyncAmdCallback = form.Address("AsyncAmdStatusCallback", 21609),
        };
    }

    /// <summary>Where a call is to go, or null when nothing is said about it.</summary>
    public static TwimlSource? Instructions(TwilioForm form)
    {
        var source = new TwimlSource
        {
            Method = form.OneOf("Method", "POST", "GET"),
            FallbackUrl = form.Address("FallbackUrl", 21205),
            FallbackMethod = form.OneOf("FallbackMethod", "POST", "GET"),
        };
        return form.Address("Url", 21205) is { } url ? source with { Url = url }
            : form["Twiml"] is not { } text ? null
            : text.Length <= 4000 ? source with { Text = text }
            : throw new TwilioError(400, 21623, "Twiml has at most 4000 characters.");
    }

    public static StepCallback Callback(TwilioForm form)
    {
        OnlyPost(form, "StatusCallbackMethod");
        var events = form.All("StatusCallbackEvent");
        return events.Except(StepCallback.All).FirstOrDefault() is { } unknown
            ? throw new TwilioError(400, 21626, $"{unknown} is no StatusCallbackEvent: they are {string.Join(", ", StepCallback.All)}.")
            : new StepCallback(form.Address("StatusCallback", 21609), events.Count > 0 ? events : StepCallback.Default);
    }

    public static RecordingOrder Recording(TwilioForm form, string source)
    {
        OnlyPost(form, "RecordingStatusCallbackMethod");
        var events = form.All("RecordingStatusCallbackEvent");
        return events.Except(RecordingEvents).FirstOrDefault() is { } unknown
            ? throw new TwilioError(400, 20001, $"{unknown} is no RecordingStatusCallbackEvent: they are {string.Join(", ", RecordingEvents)}.")
            : new RecordingOrder(
                form.OneOf("RecordingChannels", "mono", "dual") == "dual" ? 2 : 1,
                form.OneOf("RecordingTrack", "both", "inbound", "outbound"), source,
                form.Address("RecordingStatusCallback", 21609), events.Count > 0 ? events : ["completed"]);
    }

    private static void DemandCaller(string from, NumberStock numbers)
    {
        if (!TwilioNumbers.IsE164(from) || from == "+15005550001")
        {
            throw new TwilioError(400, 21212, $"The 'From' number {from} is not a valid phone number, shortcode, or alphanumeric sender ID.");
        }

        if (from != "+15005550006" && numbers.Find(from) is null)
        {
            throw new TwilioError(400, 21210, $"The source phone number provided, {from}, is not yet verified for your account.");
        }
    }

    private static string? Digits(string? digits) =>
        digits is null || (digits.Length <= 32 && digits.All(digit => char.IsAsciiDigit(digit) || digit is '*' or '#' or 'w' or 'W')) ? digits
        : throw new TwilioError(400, 21206, "SendDigits has up to 32 of 0-9, *, #, w and W.");

    /// <summary>Refuses another method: the sandbox posts its callbacks.</summary>
    public static void OnlyPost(TwilioForm form, string name)
    {
        if (form[name] is { } method and not "POST")
        {
            throw new TwilioError(400, 20001, $"{name} is {method}; the sandbox posts its callbacks.");
        }
    }
}
