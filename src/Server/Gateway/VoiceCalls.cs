using Ledgerline.Ai;
using Ledgerline.Plans;
using Ledgerline.Providers.OpenAi.Realtime;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>The door to conversations that browsers have with a model directly. Who begins one shows an authorization, which opens it once.</summary>
public sealed class VoiceCalls
{
    private readonly OpenAiCalls calls;

    internal VoiceCalls(OpenAiCalls calls) => this.calls = calls;

    /// <param name="offer">The browser's session description.</param>
    /// <exception cref="ModelFailure">There is none; a <see cref="ModelRefusal"/> of 400 says that the offer is none.</exception>
    /// <exception cref="InvalidOperationException">The allowance is for something else.</exception>
    public Task<VoiceCall> Begin(AllowanceAuthorization authorization, VoiceOrder order, string offer, CancellationToken stop)
    {
        var use = authorization.Spend();
        return use.Want.Service == UsedService.VoiceCall
            ? calls.Begin(order, offer, stop)
            : throw new InvalidOperationException($"An allowance for {use.Want.Service} pays for no call.");
    }

    /// <summary>Null when the call is over.</summary>
    /// <exception cref="ModelFailure">Nobody knows.</exception>
    public Task<IVoiceCallControl?> Control(string call, CancellationToken stop) => calls.Control(call, null, stop);

    /// <summary>Ends it; one that is over stays over.</summary>
    /// <exception cref="ModelFailure">Nobody knows whether it has ended.</exception>
    public Task End(string call, CancellationToken stop) => calls.End(call, stop);
}
