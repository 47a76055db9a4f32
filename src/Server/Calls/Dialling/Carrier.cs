using System.Globalization;
using Ledgerline.Calls.Status;
using Ledgerline.Http;
using Ledgerline.Persistence;
using Ledgerline.Providers.Twilio;

namespace Ledgerline.Calls.Dialling;

/// <summary>What the product asks of the carrier, in calls of ours.</summary>
internal sealed class Carrier(TwilioCalls calls, Database database, CallOptions options, TimeProvider clock, PublicUrl? address = null)
{
    /// <summary>Clocks differ, and the carrier counts in whole seconds.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    /// <summary>Without an account, or without an address where it reaches us, nothing is dialled.</summary>
    public bool IsOff => calls.IsOff || address is null;

    public string? SystemNumber => calls.SystemNumber;

    /// <exception cref="TwilioFailure">It was not placed, or nobody knows.</exception>
    public Task<TwilioCall> Dial(CallRow call, CancellationToken stop)
    {
        var own = call.Id.ToString(CultureInfo.InvariantCulture);
        return calls.Create(
            new TwilioCallOrder(call.PhoneNumber, call.OwnNumber, At(AnswerPath(call)), At($"/call-end-webhook?call={own}"), call.DurationLimit)
            {
                // Of who has to be told first nothing is recorded yet.
                RecordingCallback = options.IsRecorded(call) && options.Notice is null ? RecordingPath(call) : null,
                MachineCallback = options.DetectsMachines ? At($"/machine-callback?call={own}") : null,
            },
            stop);
    }

    /// <summary>
    /// Looks for a call of the carrier's that can only be this one, and is nobody else's. While another call of ours between the same numbers
    /// is being placed, nobody can tell them apart but the carrier's own news, which name ours.
    /// </summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public async Task<Searched> Search(CallRow call, CancellationToken stop)
    {
        string? free = null;
        foreach (var one in (await calls.To(call.PhoneNumber, call.CreatedAt - Slack, stop)).Where(one => one.From == call.OwnNumber).OrderBy(one => one.CreatedAt))
        {
            var known = await database.Read(session => CallBook.FindBySid(session, one.Sid, stop), stop);
            if (known?.Id == call.Id)
            {
                // A callback was faster and has told us.
                return new Searched(one.Sid, false);
            }

            free ??= known is null ? one.Sid : null;
        }

        var isUnclear = free is not null && await database.Read(session => CallBook.HasTwin(session, call, stop), stop);
        return new Searched(isUnclear ? null : free, isUnclear);
    }

    /// <summary>What the carrier says of it; null when it has no such call.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public async Task<CallNews?> Ask(CallRow call, CancellationToken stop) => await calls.Find(call.CallSid!, stop) is not { } found ? null
        : new CallNews(CallStatus.Read(found.Status) ?? CallStatus.Queued, clock.GetUtcNow()) { Seconds = found.Seconds, AnsweredBy = found.AnsweredBy };

    /// <summary>Millionths of a US dollar; null until the carrier has worked it out.</summary>
    public async Task<long?> PriceOf(CallRow call, CancellationToken stop) => (await calls.Find(call.CallSid!, stop))?.PriceMicroUsd;

    public Task HangUp(CallRow call, CancellationToken stop) => call.CallSid is { } sid ? calls.HangUp(sid, stop) : Task.CompletedTask;

    public Task Limit(CallRow call, int seconds, CancellationToken stop) => call.CallSid is { } sid ? calls.Limit(sid, seconds, stop) : Task.CompletedTask;

    /// <summary>Records a call from now on, unless that was asked for before.</summary>
    /// <exception cref="TwilioFailure">It was not asked for, or nobody knows.</exception>
    public Task Record(CallRow call, CancellationToken stop) => call.CallSid is { } sid ? calls.Record(sid, RecordingPath(call), stop) : Task.CompletedTask;

    /// <summary>The carrier says a sentence and hangs up.</summary>
    public Task SayAndHangUp(CallRow call, string sentence, CancellationToken stop) =>
        call.CallSid is { } sid ? calls.Redirect(sid, Answering.Twiml.Sentence(sentence), stop) : Task.CompletedTask;

    public Task<IReadOnlyList<TwilioCall>> Running(CancellationToken stop) => calls.Running(stop);

    public Task<Stream?> Recording(string sid, CancellationToken stop) => calls.Recording(sid, stop);

    private string RecordingPath(CallRow call) => At($"/recording-callback?call={call.Id.ToString(CultureInfo.InvariantCulture)}");

    private string At(string path) => address!.At(path);

    private static string AnswerPath(CallRow call)
    {
        var (scenario, own) = (Uri.EscapeDataString(call.Scenario), call.Id.ToString(CultureInfo.InvariantCulture));
        return Scenarios.ScenarioName.Read(call.Scenario).ScenarioId is not null
            ? $"/incoming-custom-call/{scenario}?call={own}"
            : $"/outgoing-call/{scenario}?direction=outbound&user_name={Uri.EscapeDataString(call.UserName ?? "")}&call={own}";
    }
}

/// <summary>What a look at the carrier's calls came to.</summary>
/// <param name="Sid">The call; null when it has none, or it is not clear.</param>
/// <param name="IsUnclear">It has one that may be this one or another of ours.</param>
internal readonly record struct Searched(string? Sid, bool IsUnclear);
