using Sandbox.Core;

namespace Sandbox.Twilio.Calls;

/// <summary>Recordings of calls: begins, rests, ends, reads, lists and deletes them.</summary>
internal static class RecordingsApi
{
    private static readonly string[] Lists = ["RecordingStatusCallbackEvent"];
    private static readonly string[] Names = ["RecordingStatusCallback", "RecordingStatusCallbackMethod", "Trim", "RecordingChannels", "RecordingTrack"];

    public static async Task<IResult> Start(HttpContext context, string call, CallBook calls, Recordings recordings)
    {
        var form = await TwilioForm.Read(context, Lists, Names);
        var known = CallsApi.Known(context, call, calls);
        form.OneOf("Trim", "do-not-trim", "trim-silence");
        var order = CallForm.Recording(form, "StartCallRecordingAPI");
        return known.State.Talks
            ? Json.Answer(recordings.Start(known, order).Shape(ofCall: true), 201)
            : throw new TwilioError(400, 21220, $"Requested resource is not eligible for recording: the call is {known.State.Status}.");
    }

    public static async Task<IResult> Update(HttpContext context, string call, string sid, Recordings recordings, SandboxClock clock)
    {
        var form = await TwilioForm.Read(context, "Status", "PauseBehavior");
        var recording = Known(context, recordings.Find(sid, call));
        var silent = form.OneOf("PauseBehavior", "silence", "skip") == "silence";
        var status = form.OneOf("Status", "", "paused", "in-progress", "stopped");
        if (status.Length == 0)
        {
            throw new TwilioError(400, 20001, "Status is paused, in-progress or stopped.");
        }

        if (!recording.Runs)
        {
            throw new TwilioError(400, 21220, $"The recording is not in progress: it is {recording.Status}.");
        }

        if (status == "stopped")
        {
            recordings.Stop(recording);
        }
        else
        {
            recording.Become(status, silent, clock.GetUtcNow());
        }

        return Json.Answer(recording.Shape(ofCall: true));
    }

    public static IResult GetOfCall(HttpContext context, string call, string sid, Recordings recordings) =>
        Json.Answer(Known(context, recordings.Find(sid, call)).Shape(ofCall: true));

    public static IResult ListOfCall(HttpContext context, string call, CallBook calls, Recordings recordings)
    {
        var query = new TwilioQuery(context);
        var created = query.When("DateCreated");
        return query.Page(
            "recordings", [.. recordings.List(CallsApi.Known(context, call, calls).Sid).Where(one => created(one.StartedAt))], one => one.Sid, one => one.Shape(ofCall: true));
    }

    public static IResult DeleteOfCall(HttpContext context, string call, string sid, Recordings recordings) => Delete(context, recordings, recordings.Find(sid, call));

    public static IResult Get(HttpContext context, string sid, Recordings recordings) => Json.Answer(Known(context, recordings.Find(sid)).Shape(ofCall: false));

    public static IResult List(HttpContext context, Recordings recordings)
    {
        var query = new TwilioQuery(context);
        var created = query.When("DateCreated");
        return query.Page("recordings", [.. recordings.List(query["CallSid"]).Where(one => created(one.StartedAt))], one => one.Sid, one => one.Shape(ofCall: false));
    }

    public static IResult Delete(HttpContext context, string sid, Recordings recordings) => Delete(context, recordings, recordings.Find(sid));

    /// <summary>The sound itself; there when the recording is completed.</summary>
    public static IResult Media(HttpContext context, string sid, Recordings recordings) =>
        recordings.Find(sid) is { Status: "completed" } recording ? Results.Bytes(recording.Wav(), "audio/x-wav") : throw TwilioError.NotFound(TwilioRoutes.Below(context));

    private static IResult Delete(HttpContext context, Recordings recordings, Recording? recording)
    {
        if (Known(context, recording).Runs)
        {
            throw new TwilioError(409, 20009, "Resource not complete: a recording can be deleted when it has ended.");
        }

        recordings.Remove(recording!);
        return Results.NoContent();
    }

    private static Recording Known(HttpContext context, Recording? recording) => recording ?? throw TwilioError.NotFound(TwilioRoutes.Below(context));
}
