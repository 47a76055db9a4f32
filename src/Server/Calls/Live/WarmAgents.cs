using System.Collections.Concurrent;
using Ledgerline.Ai;
using Ledgerline.Calls.Status;

namespace Ledgerline.Calls.Live;

/// <summary>
/// Models that are opened while a call of ours rings, so that whoever answers is not kept waiting. They are this node's: a stream that lands on another
/// opens its own, and what nobody takes is closed.
/// </summary>
internal sealed class WarmAgents(IServiceProvider services, TimeProvider clock, ILogger<WarmAgents> log) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<long, Opening> opening = new();

    /// <summary>Opens it, unless that was done before.</summary>
    public void Warm(CallRow call)
    {
        if (call is not { Direction: CallDirection.Outbound, IsOver: false })
        {
            return;
        }

        var one = new Opening(stop => services.GetRequiredService<CallAgents>().Open(call, stop), clock.CreateTimer(_ => _ = Discard(call.Id), null, CallRules.LongestRing, Timeout.InfiniteTimeSpan));
        if (opening.TryAdd(call.Id, one))
        {
            _ = one.Session.Value;
        }
        else
        {
            one.Expiry.Dispose();
        }
    }

    /// <summary>The one that is open or about to be, for who has the call's line; null when there is none, or it came to nothing.</summary>
    public async Task<IVoiceSession?> Take(long call)
    {
        if (!opening.TryRemove(call, out var one))
        {
            return null;
        }

        await one.Expiry.DisposeAsync();
        try
        {
            return await one.Session.Value;
        }
        catch (Exception failure) when (failure is ModelFailure or OperationCanceledException)
        {
            log.LogWarning("The model for call {Call} could not be opened while it rang: {Failure}", call, failure.Message);
            return null;
        }
    }

    /// <summary>Nobody will take it.</summary>
    public async Task Discard(long call)
    {
        if (opening.TryGetValue(call, out var one))
        {
            await one.Stop.CancelAsync();
            await (await Take(call) is { } session ? session.DisposeAsync() : ValueTask.CompletedTask);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var call in opening.Keys)
        {
            await Discard(call);
        }
    }

    private sealed class Opening
    {
        public Opening(Func<CancellationToken, Task<IVoiceSession>> open, ITimer expiry) => (Session, Expiry) = (new Lazy<Task<IVoiceSession>>(() => open(Stop.Token)), expiry);

        public CancellationTokenSource Stop { get; } = new();
        public Lazy<Task<IVoiceSession>> Session { get; }
        public ITimer Expiry { get; }
    }
}
