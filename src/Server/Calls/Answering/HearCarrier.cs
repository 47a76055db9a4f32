using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Status;
using Ledgerline.Http;

namespace Ledgerline.Calls.Answering;

/// <summary>What the carrier tells of calls: their status, their recordings, who picked up.</summary>
internal sealed class HearCarrier(CarrierDoor door, CallDesk desk, CallNewsDesk live, Persistence.Database database, LiveCalls running, Live.WarmAgents agents, Dialling.Carrier carrier, CallOptions options, TimeProvider clock)
{
    private const string NoCallSid = "CallSid is missing";

    private static readonly string[] Machines = ["machine_start", "machine_end_beep", "machine_end_silence", "machine_end_other", "fax"];

    /// <summary><c>/call-end-webhook</c></summary>
    public Task<IResult> End(HttpContext context, CancellationToken stop) => Hear(context, (_, _) => new { Status = "success" }, stop);

    /// <summary><c>/twilio-callback</c></summary>
    public Task<IResult> Callback(HttpContext context, CancellationToken stop) =>
        Hear(context, (form, told) => new { Status = "success", told.CallSid, CallStatus = form["CallStatus"] }, stop);

    /// <summary><c>/call-status</c>, <c>/phone-status-callback</c></summary>
    public Task<IResult> Status(HttpContext context, CancellationToken stop) => Hear(context, (_, _) => new { Status = "received" }, stop);

    /// <summary><c>/machine-callback</c>: a person answered, or a machine did. Unknown is a person.</summary>
    public Task<IResult> Machine(HttpContext context, CancellationToken stop) => door.Open(
        context,
        async form =>
        {
            if (form["CallSid"] is not { } sid || form["AnsweredBy"] is not { Length: <= 40 } who)
            {
                return Refusal.BadRequest("CallSid and AnsweredBy are needed");
            }

            if (await desk.Change(form.CallId, sid, one => one with { AnsweredBy = who }, stop) is { } call && Machines.Contains(who))
            {
                await (options.HangsUpOnMachines ? carrier.HangUp(call, stop) : Task.CompletedTask);
                running.ReachedMachine(call.Id);
            }

            return Results.Ok(new { Status = "received" });
        },
        stop);

    /// <summary><c>/recording-callback</c></summary>
    public Task<IResult> Recording(HttpContext context, CancellationToken stop) => door.Open(
        context,
        async form =>
        {
            if (form["CallSid"] is not { } sid)
            {
                return Refusal.BadRequest(NoCallSid);
            }

            var seconds = long.TryParse(form["RecordingDuration"], out var given) && given >= 0 ? given : (long?)null;
            if (form["RecordingSid"] is { Length: 34 } recording && form["RecordingStatus"] is null or "completed"
                && await desk.Change(form.CallId, sid, one => one with { RecordingSid = recording, RecordingSeconds = seconds ?? one.RecordingSeconds }, stop) is { } call)
            {
                await database.Write(
                    transaction =>
                    {
                        live.Tell(transaction, call, "call_recording", new { CallId = call.Id, Seconds = seconds });
                        return Task.CompletedTask;
                    },
                    stop);
            }

            return Results.Ok(new { Status = "success" });
        },
        stop);

    /// <summary><c>/handle-user-input</c>: of numbers that were set up long ago.</summary>
    public Task<IResult> Input(HttpContext context, CancellationToken stop) => door.Open(context, _ => Task.FromResult(Twiml.Answer(Twiml.Empty)), stop);

    private Task<IResult> Hear(HttpContext context, Func<SignedForm, CarrierNews, object> answer, CancellationToken stop) => door.Open(
        context,
        async form =>
        {
            if (CarrierForm.Read(form.Fields, form.CallId, clock.GetUtcNow()) is not { } told)
            {
                return Refusal.BadRequest(NoCallSid);
            }

            switch (await desk.Hear(told, stop))
            {
                case { IsOver: true } over:
                    running.End(over.Id, BridgeEnd.PhoneGone);
                    await agents.Discard(over.Id);
                    break;
                case { Status: CallStatus.Ringing } ringing:
                    agents.Warm(ringing);
                    break;
            }

            return Results.Ok(answer(form, told));
        },
        stop);
}
