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
                RecordingCallback = call.Kind != CallKind.Mobile && options.Records ? At($"/recording-callback?call={own}") : null,
                MachineCallback = options.DetectsMachines ? At($"/machine-callback?call={own}") : null,
            },
            stop);
    }

    /// <summary>
    /// A call of the carrier's that can only be this one, and is nobody else's; null when it has none (yet). While another call of ours to the
    /// same number is being placed, nobody can tell them apart but the carrier's own news.
    /// </summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public async Task<string?> Search(CallRow call, CancellationToken stop)
    {
        if (await database.Read(session => CallBook.HasTwin(session, call, stop), stop))
        {
            return null;
        }

        foreach (var one in (await calls.To(call.PhoneNumber, call.CreatedAt - Slack, stop)).Where(one => one.From == call.OwnNumber).OrderBy(one => one.CreatedAt))
        {
            // A callback may have been faster and have told us.
            if (await database.Read(session => CallBook.FindBySid(session, one.Sid, stop), stop) is not { } known || known.Id == call.Id)
            {
                return one.Sid;
            }
        }

        return null;
    }

    /// <summary>What the carrier says of it; null when it has no such call.</summary>
    /// <exception cref="TwilioFailure">It was not answered.</exception>
    public async Task<CallNews?> Ask(CallRow call, CancellationToken stop) => await calls.Find(call.CallSid!, stop) is not { } found ? null
        : new CallNews(CallStatus.Read(found.Status) ?? CallStatus.Queued, clock.GetUtcNow()) { Seconds = found.Seconds, AnsweredBy = found.AnsweredBy };

    /// <summary>Millionths of a US dollar; null until the carrier has worked it out.</summary>
    public async Task<long?> PriceOf(CallRow call, CancellationToken stop) => (await calls.Find(call.CallSid!, stop))?.PriceMicroUsd;

    public Task HangUp(CallRow call, CancellationToken stop) => call.CallSid is { } sid ? calls.HangUp(sid, stop) : Task.CompletedTask;

    public Task Limit(CallRow call, int seconds, CancellationToken stop) => call.CallSid is { } sid ? calls.Limit(sid, seconds, stop) : Task.CompletedTask;

    /// <summary>The carrier says a sentence and hangs up.</summary>
    public Task SayAndHangUp(CallRow call, string sentence, CancellationToken stop) =>
        call.CallSid is { } sid ? calls.Redirect(sid, Answering.Twiml.Sentence(sentence), stop) : Task.CompletedTask;

    public Task<IReadOnlyList<TwilioCall>> Running(CancellationToken stop) => calls.Running(stop);

    public Task<Stream?> Recording(string sid, CancellationToken stop) => calls.Recording(sid, stop);

    private string At(string path) => address!.At(path);

    private static string AnswerPath(CallRow call)
    {
        var (scenario, own) = (Uri.EscapeDataString(call.Scenario), call.Id.ToString(CultureInfo.InvariantCulture));
        return Scenarios.ScenarioName.Read(call.Scenario).ScenarioId is not null
            ? $"/incoming-custom-call/{scenario}?call={own}"
            : $"/outgoing-call/{scenario}?direction=outbound&user_name={Uri.EscapeDataString(call.UserName ?? "")}&call={own}";
    }
}
