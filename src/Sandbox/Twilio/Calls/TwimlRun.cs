using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>Carries out the instructions for calls, verb by verb. Speaking and playing take no time; pauses take the sandbox's.</summary>
internal sealed class TwimlRun(SandboxClock clock, TwimlDocument documents, MediaVerb media, Recordings recordings)
{
    /// <summary>Carries out one document.</summary>
    /// <param name="call">Whose.</param>
    /// <param name="source">Where the document is.</param>
    /// <param name="answer">Takes an incoming call's receiver off.</param>
    /// <param name="end">Ends the call with this status.</param>
    /// <param name="stop">The call is over, or redirected.</param>
    /// <returns>The next instructions, or null when none are left.</returns>
    public async Task<TwimlSource?> Run(PhoneCall call, TwimlSource source, Action answer, Action<string> end, CancellationToken stop)
    {
        var response = await documents.Get(source, call, failure => call.Fail(clock.GetUtcNow(), failure.Code, failure.Message), stop);
        call.Announce();
        foreach (var verb in response.Elements())
        {
            stop.ThrowIfCancellationRequested();
            var name = verb.Name.LocalName;
            if (name == "Reject" && call.State.AnsweredAt is null)
            {
                var busy = Text(verb, "reason") == "busy";
                call.Note(clock.GetUtcNow(), "Reject", busy ? "busy" : "rejected");
                end(busy ? "busy" : "no-answer");
                return null;
            }

            answer();
            call.Note(clock.GetUtcNow(), name, Words(verb));
            switch (name)
            {
                case "Say" or "Play":
                    break;
                case "Pause":
                    await Task.Delay(TimeSpan.FromSeconds(Number(verb, "length", 1)), clock, stop);
                    break;
                case "Redirect":
                    return Next(source, verb.Value.Trim(), Text(verb, "method"));
                case "Hangup":
                    return null;
                case "Gather" when await Gather(call, verb, stop) is { } digits:
                    return Next(source, Text(verb, "action"), Text(verb, "method"), ("Digits", digits));
                case "Gather":
                    break;
                case "Record":
                    return await Record(call, source, verb, stop);
                case "Dial":
                    if (Text(verb, "action") is { } action)
                    {
                        return Next(source, action, Text(verb, "method"), ("DialCallStatus", "failed"));
                    }

                    break;
                case "Connect" when verb.Element("Stream") is { } stream:
                    await media.Run(call, source, stream, stop);
                    if (Text(verb, "action") is { } following)
                    {
                        return Next(source, following, Text(verb, "method"));
                    }

                    break;
                default:
                    call.Fail(clock.GetUtcNow(), 12200, $"The sandbox does not play <{name}>{(name == "Connect" ? " without <Stream>" : "")}.");
                    break;
            }
        }

        stop.ThrowIfCancellationRequested();
        answer();
        return null;
    }

    private async Task<string?> Gather(PhoneCall call, XElement verb, CancellationToken stop)
    {
        foreach (var inner in verb.Elements())
        {
            call.Note(clock.GetUtcNow(), inner.Name.LocalName, Words(inner));
        }

        var (patience, most) = (TimeSpan.FromSeconds(Number(verb, "timeout", 5)), Number(verb, "numDigits", int.MaxValue));
        return await Digits(call, patience, most, Text(verb, "finishOnKey") ?? "#", stop) is { Length: > 0 } digits ? digits : null;
    }

    private async Task<TwimlSource> Record(PhoneCall call, TwimlSource source, XElement verb, CancellationToken stop)
    {
        var recording = recordings.Start(call, new RecordingOrder(1, "inbound", "RecordVerb", null, []));
        var silence = TimeSpan.FromSeconds(Math.Min(Number(verb, "timeout", 5), Number(verb, "maxLength", 3600)));
        var digits = await Digits(call, silence, 1, "", stop);
        recordings.Stop(recording);
        return Next(source, Text(verb, "action"), Text(verb, "method"),
            ("RecordingSid", recording.Sid), ("RecordingUrl", recordings.Address(recording)),
            ("RecordingDuration", recording.Seconds.ToString(CultureInfo.InvariantCulture)), ("Digits", digits.Length > 0 ? digits : "hangup"));
    }

    private async Task<string> Digits(PhoneCall call, TimeSpan patience, int most, string finish, CancellationToken stop)
    {
        var digits = new StringBuilder();
        while (digits.Length < most)
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(stop);
            var next = call.Digits.Reader.ReadAsync(waiting.Token).AsTask();
            if (await Task.WhenAny(next, Task.Delay(patience, clock, waiting.Token)) != next)
            {
                await waiting.CancelAsync();
                stop.ThrowIfCancellationRequested();
                break;
            }

            var digit = await next;
            await waiting.CancelAsync();
            if (finish.Contains(digit, StringComparison.Ordinal))
            {
                break;
            }

            digits.Append(digit);
        }

        return digits.ToString();
    }

    // Without an address of its own a verb asks the document's again.
    private static TwimlSource Next(TwimlSource source, string? address, string? method, params (string Name, string Value)[] more)
    {
        var url = string.IsNullOrEmpty(address) ? source.Url
            : source.Url is { } home && Uri.TryCreate(home, address, out var relative) ? relative
            : Uri.TryCreate(address, UriKind.Absolute, out var absolute) ? absolute
            : null;
        return url is { Scheme: "http" or "https" }
            ? new TwimlSource { Url = url, Method = method == "GET" ? "GET" : "POST", More = more.ToDictionary(field => field.Name, field => field.Value) }
            : throw new TwimlFailure(11100, $"{address} is no address that can be asked.");
    }

    private static string? Words(XElement verb) => verb.Name.LocalName switch
    {
        "Connect" => verb.Element("Stream")?.Attribute("url")?.Value,
        "Pause" => $"{Number(verb, "length", 1)}",
        "Gather" => null,
        _ => verb.Value.Trim() is { Length: > 0 } text ? text : null,
    };

    private static string? Text(XElement verb, string attribute) => verb.Attribute(attribute)?.Value is { Length: > 0 } value ? value : null;

    private static int Number(XElement verb, string attribute, int otherwise) =>
        int.TryParse(verb.Attribute(attribute)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
