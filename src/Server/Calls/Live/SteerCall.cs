using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Log;
using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Providers.Twilio;

namespace Ledgerline.Calls.Live;

/// <summary>Taking a hand in a call that runs: a note to the agent, or the end.</summary>
internal static class SteerCall
{
    public const int LongestNote = 1000;
    public const string NotRunning = "This call is not running";

    private const string HungUp = "hung_up";

    /// <param name="Note">What the agent is to know; the person on the line does not hear it.</param>
    public sealed record Request(string? Note);

    public sealed record Answer(string Status, long CallId);

    public static async Task<IResult> Steer(string id, Body<Request> body, CurrentAccount current, CallLog log, NotesCourier notes, CancellationToken stop)
    {
        var note = CallInput.Text(body.Value.Note, "note", LongestNote) ?? throw Invalid.Missing("body", "note");
        if (await log.Find(current.Id, id, stop) is not { } call)
        {
            return Refusal.NotFound(ShowCalls.NoCall);
        }

        if (call.IsOver || call.AnsweredAt is null)
        {
            return new Refusal(StatusCodes.Status409Conflict, NotRunning);
        }

        await notes.Send(call, note, stop);
        return TypedResults.Ok(new Answer("success", call.Id));
    }

    public static async Task<IResult> HangUp(string id, CurrentAccount current, CallLog log, CallDesk desk, Carrier carrier, LiveCalls running, CancellationToken stop)
    {
        if (await log.Find(current.Id, id, stop) is not { } call)
        {
            return Refusal.NotFound(ShowCalls.NoCall);
        }

        if (call.IsOver)
        {
            return TypedResults.Ok(new Answer("success", call.Id));
        }

        if (call.CallSid is null)
        {
            return new Refusal(StatusCodes.Status409Conflict, "This call is being placed. Try again in a second.");
        }

        try
        {
            await desk.Change(call.Id, one => one.IsOver ? one : one with { EndReason = one.EndReason ?? HungUp }, stop);
            await carrier.HangUp(call, stop);
            running.End(call.Id, HungUp);
            return TypedResults.Ok(new Answer("success", call.Id));
        }
        catch (TwilioFailure)
        {
            return new Refusal(StatusCodes.Status503ServiceUnavailable, "The phone service cannot be reached. Try again in a few seconds.") { RetryAfter = TimeSpan.FromSeconds(5) };
        }
    }
}
