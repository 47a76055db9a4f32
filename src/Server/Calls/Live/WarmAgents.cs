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
        if (call is { Direction: CallDirection.Outbound, IsOver: false } && opening.TryAdd(call.Id, new Opening()))
        {
            var one = opening[call.Id];
            one.Session = services.GetRequiredService<CallAgents>().Open(call, one.Stop.Token);
            one.Expiry = clock.CreateTimer(_ => _ = Discard(call.Id), null, CallRules.LongestRing, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The one that is open or about to be, for who has the call's line; null when there is none, or it came to nothing.</summary>
    public async Task<IVoiceSession?> Take(long call)
    {
        if (!opening.TryRemove(call, out var one))
        {
            return null;
        }

        one.Expiry?.Dispose();
        try
        {
            return one.Session is { } session ? await session : null;
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
        public CancellationTokenSource Stop { get; } = new();
        public Task<IVoiceSession>? Session { get; set; }
        public ITimer? Expiry { get; set; }
    }
}
