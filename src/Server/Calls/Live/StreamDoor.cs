using Ledgerline.Calls.Answering;
using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Dialling;
using Ledgerline.Calls.Status;
using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Scenarios;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Live;

/// <summary>Lets the streams in that bring a good token, and says what they are connected with. Everything is read from the database: the stream may land on any node.</summary>
internal sealed class StreamDoor(
    Database database, StreamTokens tokens, ScenarioDesk scenarios, CallAgents agents, WarmAgents warm, Meter meter, Carrier carrier, CallDesk desk, CallNewsDesk live,
    CallTools tools, LiveCalls running, VoicePrices prices, Outbox outbox, CallOptions options, TimeProvider clock, ILoggerFactory logs) : IStreamDoor
{
    private const string Greeting =
        "The call has been connected. Please respond with a greeting, introducing yourself as specified in your persona.";

    public async Task<BridgeOrder?> Admit(StreamStart start, CancellationToken stop)
    {
        if (start.Token is not { Length: > 0 and <= 200 } token)
        {
            return null;
        }

        var call = await database.Write(
            async transaction => await tokens.Use(transaction, token, start.CallSid, start.Path, stop) is { } id && await CallBook.Lock(transaction, id, stop) is { } rung
                ? await Begin(transaction, rung, stop)
                : null,
            stop);
        if (call is null or { IsOver: true } || await PlayedOn(start, call, stop) is not { } scenario)
        {
            return null;
        }

        var answered = call.AnsweredAt ?? clock.GetUtcNow();
        var use = CallAgents.Use(call);
        var ends = answered + TimeSpan.FromSeconds(call.DurationLimit);
        return new BridgeOrder
        {
            CallId = call.Id,
            CallSid = start.CallSid,
            Account = call.AccountId,
            IsOutbound = call.Direction == CallDirection.Outbound,
            TakesDtmf = scenario.TakesDtmf,
            EndsAt = ends,
            Greeting = Greeting,
            Open = async (summary, opening) => (summary is null ? await warm.Take(call.Id) : null) ?? await agents.Open(call, scenario, summary, opening),
            UseTool = (name, arguments, running) => tools.Use(call, name, arguments, running),
            SayAndHangUp = (sentence, ending) => carrier.SayAndHangUp(call, sentence, ending),
            HangUp = (reason, ending) => HangUp(call, reason, ending),
            Listener = new CallListener(database, desk, live, meter, carrier, running, prices, use, call, answered, ends, clock, logs.CreateLogger<CallListener>()),
        };
    }

    // Who is connected has heard what is said before.
    private async Task<CallRow> Begin(Transaction transaction, CallRow rung, CancellationToken stop)
    {
        var call = await desk.Change(transaction, rung, one => CallRules.After(one, new CallNews(CallStatus.InProgress, clock.GetUtcNow())), stop);
        if (!call.IsOver && options.Notice is not null && options.IsRecorded(call))
        {
            await outbox.Publish(transaction, new RecordingDue(call.AccountId, call.Id), stop: stop);
        }

        return call;
    }

    private async Task HangUp(CallRow call, string reason, CancellationToken stop)
    {
        await desk.Change(call.Id, one => one.IsOver || one.EndReason is not null ? one : one with { EndReason = reason }, stop);
        await carrier.HangUp(call, stop);
    }

    // A call of ours plays what its row says; one from outside what its address named.
    private async Task<Scenario?> PlayedOn(StreamStart start, CallRow call, CancellationToken stop) =>
        await scenarios.Read(start.Scenario ?? call.Scenario, stop) is { } named && (named.Owner is null || named.Owner == call.AccountId) ? named : null;
}
