using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Providers.Twilio;
using Ledgerline.Realtime;

namespace Ledgerline.Calls.Log;

/// <summary>Looking at calls: the list, one with its transcript and cost, its recording, and live while it runs.</summary>
internal static class ShowCalls
{
    public const string NoCall = "Call not found";
    public const string NoRecording = "This call has no recording";

    public sealed record History(IReadOnlyList<CallListed> Calls, long Total, bool HasMore);

    public static async Task<IResult> List(HttpRequest request, CurrentAccount current, CallLog log, CancellationToken stop)
    {
        var (limit, offset) = (CallInput.Limit(request, 20), CallInput.Offset(request));
        var (calls, total) = await log.List(current.Id, limit, offset, stop);
        return TypedResults.Ok(new History(calls, total, offset + calls.Count < total));
    }

    public static async Task<IResult> Show(string id, CurrentAccount current, CallLog log, CancellationToken stop) =>
        await log.Show(current.Id, id, stop) is { } call ? TypedResults.Ok(call) : Refusal.NotFound(NoCall);

    public static async Task<IResult> Events(string id, CurrentAccount current, HttpContext context, CallLog log, EventStreams streams, CancellationToken stop) =>
        await log.Find(current.Id, id, stop) is { } call
            ? await streams.Open(context, current, new StreamStyle { Topic = CallNewsDesk.TopicOf(call.Id) }, stop)
            : Refusal.NotFound(NoCall);

    public static async Task<IResult> Recording(string id, CurrentAccount current, CallLog log, Carrier carrier, CancellationToken stop)
    {
        if (await log.Find(current.Id, id, stop) is not { } call)
        {
            return Refusal.NotFound(NoCall);
        }

        try
        {
            return call.RecordingSid is { } sid && await carrier.Recording(sid, stop) is { } recording
                ? Results.Stream(recording, "audio/wav", $"call-{call.Id}.wav")
                : Refusal.NotFound(NoRecording);
        }
        catch (TwilioFailure)
        {
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "The phone service cannot be reached. Try again in a few seconds.") { RetryAfter = TimeSpan.FromSeconds(5) };
        }
    }
}
