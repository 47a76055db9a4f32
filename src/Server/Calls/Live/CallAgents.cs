using Ledgerline.Ai;
using Ledgerline.Calls.Bridge;
using Ledgerline.Calls.Status;
using Ledgerline.Gateway;
using Ledgerline.Plans;
using Ledgerline.Scenarios;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Live;

/// <summary>Opens the model for a call, with the call's own prompt and tools. Each session needs leave of its own, which is there as long as the call's reservation is.</summary>
internal sealed class CallAgents(ScenarioDesk scenarios, Meter meter, ModelGateway gateway, TimeProvider clock)
{
    /// <summary>Under which the call was reserved.</summary>
    public static AllowanceUse Use(CallRow call) => new(
        call.AccountId, call.Direction == CallDirection.Inbound ? Want.InboundCall() : Want.Call(isCustom: ScenarioName.Read(call.Scenario).ScenarioId is not null), call.UseKey,
        CallOptions.ReservationLifetime);

    /// <param name="summary">What was said before, for a session that follows another.</param>
    /// <exception cref="ModelFailure">There is none.</exception>
    public async Task<IVoiceSession> Open(CallRow call, Scenario scenario, string? summary, CancellationToken stop)
    {
        var prompt = CallPrompt.Of(scenario, call, clock.GetUtcNow());
        var order = new VoiceOrder(scenario.Voice, summary is null ? prompt : $"{prompt}\n\n{summary}")
        {
            Transcribes = true,
            Tools = [.. CallTools.For(call), BridgeTools.EndCall],
        };
        return await meter.GoOn(Use(call), stop) is { } authorization
            ? await gateway.Voice(authorization, order, stop)
            : throw new ModelFailure(ModelFailure.Upstream, "The call's allowance has ended.");
    }

    /// <summary>As its row says it is played.</summary>
    /// <exception cref="ModelFailure">There is none.</exception>
    public async Task<IVoiceSession> Open(CallRow call, CancellationToken stop) => await scenarios.Read(call.Scenario, stop) is { } scenario
        ? await Open(call, scenario, null, stop)
        : throw new ModelFailure(ModelFailure.Upstream, "The call's scenario is gone.");
}
