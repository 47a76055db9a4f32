using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Ledgerline.Http;

namespace Ledgerline.Calls.Bridge;

/// <summary>The calls whose sockets are on this node, by their ids: for whoever steers them, shortens them, ends them, or counts them.</summary>
internal sealed class LiveCalls : IHostedService, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    // Before the drain gives up, so that what it waits for can still end cleanly.
    private static readonly TimeSpan BeforeDrain = TimeSpan.FromSeconds(2);

    private readonly ConcurrentDictionary<long, CallBridge> running = new();
    private readonly Meter meter = new(Telemetry.Name);
    private readonly Counter<long> dropped;
    private readonly Punctuality punctuality;
    private readonly TimeProvider clock;
    private readonly ILoggerFactory logs;
    private readonly ILogger log;
    private readonly TimeSpan drain;
    private ITimer? beat;
    private ITimer? lastCall;

    public LiveCalls(Punctuality punctuality, TimeProvider clock, ILoggerFactory logs, IConfiguration settings, IHostApplicationLifetime lifetime)
    {
        (this.punctuality, this.clock, this.logs, log) = (punctuality, clock, logs, logs.CreateLogger<LiveCalls>());
        var longest = Drain.Longest(settings);
        drain = longest > BeforeDrain ? longest - BeforeDrain : TimeSpan.Zero;
        meter.CreateObservableGauge("ledgerline.calls.live", () => running.Count, "{call}", "Calls whose audio is bridged on this node");
        dropped = meter.CreateCounter<long>("ledgerline.calls.frames.dropped", "{frame}", "Frames of callers that no model heard");
        lifetime.ApplicationStopping.Register(BeginDrain);
    }

    public int Count => running.Count;

    /// <summary>This node does not keep up with the calls it has: it begins no new ones.</summary>
    public bool IsBehind => punctuality.IsBehind;

    public IReadOnlyCollection<long> Ids => [.. running.Keys];

    /// <summary>Tells the agent something that the other side does not hear. False: the call is not here.</summary>
    /// <param name="answer">It speaks to it.</param>
    public bool Note(long call, string text, bool answer = true) => With(call, bridge => bridge.Note(text, answer));

    /// <summary>Nobody but a machine listens: the agent leaves a short message, and the call ends when that was played.</summary>
    public bool ReachedMachine(long call) => With(call, bridge => bridge.ReachedMachine());

    /// <summary>Ends the call at once; the reason is one of <see cref="BridgeEnd"/>'s or the caller's own. False: the call is not here.</summary>
    public bool End(long call, string reason) => With(call, bridge => bridge.End(reason));

    /// <summary>Null: the call is not here.</summary>
    public int? SecondsLeft(long call) => running.TryGetValue(call, out var bridge) ? bridge.SecondsLeft : null;

    /// <summary>The call may last until then. False: the call is not here.</summary>
    public bool LimitChanged(long call, DateTimeOffset endsAt) => With(call, bridge => bridge.LimitChanged(endsAt));

    /// <summary>Bridges the call until either side ends. False: it is bridged already, and nothing was done.</summary>
    public async Task<bool> Run(BridgeOrder order, PhoneLine line)
    {
        using var bridge = new CallBridge(order, line, punctuality.Late, clock, logs.CreateLogger<CallBridge>());
        if (!running.TryAdd(order.CallId, bridge))
        {
            return false;
        }

        try
        {
            var end = await bridge.Run();
            dropped.Add(end.FramesDropped);
        }
        finally
        {
            running.TryRemove(order.CallId, out _);
        }

        return true;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        // One beat for all of them: hundreds of timers a second would cost more than their calls.
        beat = clock.CreateTimer(_ => Tick(), null, Beat, Beat);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        EndAll();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        beat?.Dispose();
        lastCall?.Dispose();
        meter.Dispose();
    }

    private bool With(long call, Action<CallBridge> act)
    {
        if (!running.TryGetValue(call, out var bridge))
        {
            return false;
        }

        act(bridge);
        return true;
    }

    private void Tick()
    {
        var now = clock.GetUtcNow();
        var (frames, late) = (0L, 0L);
        foreach (var (call, bridge) in running)
        {
            try
            {
                bridge.Tick(now);
                var taken = bridge.TakeDelays();
                (frames, late) = (frames + taken.Frames, late + taken.Late);
            }
            catch (Exception failure)
            {
                // One call's trouble is not the others'.
                log.LogError(failure, "Call {CallId} cannot be looked after", call);
                bridge.End(BridgeEnd.Internal);
            }
        }

        punctuality.Beat(frames, late);
    }

    // Those that run may finish; the server waits for their requests, and shortly before it does not any more they are ended.
    private void BeginDrain() => lastCall = clock.CreateTimer(_ => EndAll(), null, drain, Timeout.InfiniteTimeSpan);

    private void EndAll()
    {
        foreach (var (_, bridge) in running)
        {
            bridge.End(BridgeEnd.Shutdown);
        }
    }
}
