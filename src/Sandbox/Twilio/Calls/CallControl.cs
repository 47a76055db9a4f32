using Sandbox.Core;
using Sandbox.Twilio.Line;

namespace Sandbox.Twilio.Calls;

/// <summary>The control room's part of phone calls: the person at the other end, who rings us, how calls are dialled.</summary>
internal static class CallControl
{
    public static IResult List(CallBook calls, Recordings recordings, int? limit) =>
        Json.Answer(calls.List().Take(limit ?? 50).Select(call => CallView.Of(call, recordings)));

    public static IResult Get(CallBook calls, Recordings recordings, string sid) => Json.Answer(CallView.Of(Known(calls, sid), recordings));

    /// <summary>What the person heard.</summary>
    public static IResult Heard(CallBook calls, string sid)
    {
        var sound = Known(calls, sid).Sound;
        return Results.Bytes(WaveFile.Write(sound.Heard.Slice(0, sound.Ticks)), "audio/wav");
    }

    /// <summary>The person on the first channel, we on the second.</summary>
    public static IResult Both(CallBook calls, string sid)
    {
        var sound = Known(calls, sid).Sound;
        var ticks = sound.Ticks;
        return Results.Bytes(WaveFile.Write(sound.Said.Slice(0, ticks), sound.Heard.Slice(0, ticks)), "audio/wav");
    }

    public sealed record SayCall
    {
        public string? Wav { get; init; }
        public double? ToneHz { get; init; }
        public double Seconds { get; init; } = Person.Utterance;
    }

    public sealed record DigitsCall
    {
        public string Digits { get; init; } = "";
    }

    public sealed record IncomingCall
    {
        public string From { get; init; } = "+15551230100";
        public string? To { get; init; }
        public string? VoiceUrl { get; init; }
    }

    public sealed record NodesCall
    {
        public string? PublicUrl { get; init; }
        public IReadOnlyList<string> Urls { get; init; } = [];
    }

    public static async Task<IResult> Say(HttpContext context, CallBook calls, string sid)
    {
        var say = await Json.Read<SayCall>(context);
        var call = Talking(calls, sid);
        if (Speech.Fault(say.Wav, say.ToneHz, say.Seconds) is { } fault)
        {
            return Json.Refuse(fault);
        }

        call.Person.Say(say.Wav is { } wav ? Speech.Wav(wav) : Speech.Tone(say.ToneHz ?? call.Person.ToneHz, say.Seconds));
        return Results.NoContent();
    }

    public static async Task<IResult> Press(HttpContext context, CallBook calls, string sid)
    {
        var press = await Json.Read<DigitsCall>(context);
        var call = Talking(calls, sid);
        if (press.Digits.Length is 0 or > 100 || !press.Digits.All(digit => char.IsAsciiDigit(digit) || digit is '*' or '#'))
        {
            return Json.Refuse("digits has between 1 and 100 of 0-9, * and #.");
        }

        foreach (var digit in press.Digits)
        {
            call.Digits.Writer.TryWrite(digit);
        }

        call.Stream?.Press(press.Digits);
        return Results.NoContent();
    }

    public static IResult HangUp(CallBook calls, Dialler dialler, string sid)
    {
        var call = Known(calls, sid);
        return dialler.End(call, call.Order.IsInbound ? "no-answer" : "busy")
            ? Results.NoContent() : Json.Refuse($"The call is over: it is {call.State.Status}.", 409);
    }

    public static async Task<IResult> Expect(HttpContext context, CallBook calls)
    {
        var person = await Json.Read<PersonScript>(context);
        if (person.Fault() is { } fault)
        {
            return Json.Refuse(fault);
        }

        calls.Expect(person);
        return Results.NoContent();
    }

    public static async Task<IResult> SetDialling(HttpContext context, CallBook calls)
    {
        var dialling = await Json.Read<Dialling>(context);
        if (dialling.RingSeconds is < 0 or > 600 || dialling.CallsPerSecond is < 0.001 or > 10_000)
        {
            return Json.Refuse("ring_seconds is between 0 and 600, calls_per_second between 0.001 and 10000.");
        }

        calls.Dialling = dialling;
        return Json.Answer(dialling);
    }

    public static async Task<IResult> Ring(HttpContext context, CallBook calls, Dialler dialler, NumberStock numbers, Recordings recordings, SandboxOptions options)
    {
        var ring = await Json.Read<IncomingCall>(context);
        var to = ring.To ?? options.TwilioPhoneNumber;
        if (numbers.Find(to) is not { } number)
        {
            return Json.Refuse($"{to} is none of our numbers.", 404);
        }

        Uri? given = null;
        if (ring.VoiceUrl is { } written && !(Uri.TryCreate(written, UriKind.Absolute, out given) && given.Scheme is "http" or "https"))
        {
            return Json.Refuse($"voice_url is an address such as http://127.0.0.1:8000/incoming-call/default, not {written}.");
        }

        var url = given ?? numbers.VoiceUrl(number);
        if (url is null)
        {
            return Json.Refuse("The number has no VoiceUrl, and the sandbox knows no server.");
        }

        var call = calls.Open(new CallOrder
        {
            AccountSid = options.TwilioAccountSid,
            From = ring.From,
            To = to,
            Direction = "inbound",
            PhoneNumberSid = number.Sid,
            Instructions = new TwimlSource { Url = url, Method = number.VoiceMethod, FallbackUrl = number.VoiceFallbackUrl, FallbackMethod = number.VoiceFallbackMethod },
            Callback = new StepCallback(number.StatusCallback, StepCallback.Default),
        });
        dialler.Receive(call);
        return Json.Answer(CallView.Of(call, recordings), 201);
    }

    public static async Task<IResult> SetNodes(HttpContext context, SandboxOptions options)
    {
        var nodes = await Json.Read<NodesCall>(context);
        if (nodes.Urls.Append(nodes.PublicUrl ?? "http://x").FirstOrDefault(url => !Uri.TryCreate(url, UriKind.Absolute, out var one) || one.Scheme is not ("http" or "https")) is { } wrong)
        {
            return Json.Refuse($"{wrong} is no address such as http://127.0.0.1:8000.");
        }

        (options.PublicUrl, options.NodeUrls) = (nodes.PublicUrl, nodes.Urls);
        return Json.Answer(nodes);
    }

    private static PhoneCall Known(CallBook calls, string sid) => calls.Find(sid) ?? throw new ControlException($"There is no call {sid}.", 404);

    private static PhoneCall Talking(CallBook calls, string sid) =>
        Known(calls, sid) is { State.Talks: true } call ? call : throw new ControlException($"The call {sid} is not in progress.", 409);
}
