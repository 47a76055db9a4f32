using System.Collections.Concurrent;

namespace Ledgerline.Jobs;

/// <summary>Wakes this node's runner as soon as a transaction of this node has written a job, and knows the places that it has for jobs.</summary>
public sealed class JobSignal : IDisposable
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> bells = new(StringComparer.Ordinal);

    internal JobPlaces Places { get; } = new();

    public void Dispose()
    {
        Places.Dispose();
        foreach (var bell in bells.Values)
        {
            bell.Dispose();
        }
    }

    internal void Wake(string pool)
    {
        var bell = Bell(pool);
        if (bell.CurrentCount > 0)
        {
            return;
        }

        try
        {
            bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It already rings.
        }
    }

    /// <summary>Returns when somebody rang (true) or the pause is over.</summary>
    internal async Task<bool> Wait(string pool, TimeSpan pause, TimeProvider clock, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var rung = Bell(pool).WaitAsync(either.Token);
        var isRung = await Task.WhenAny(rung, Task.Delay(pause, clock, either.Token)) == rung;
        await either.CancelAsync();
        stop.ThrowIfCancellationRequested();
        return isRung;
    }

    private SemaphoreSlim Bell(string pool) => bells.GetOrAdd(pool, static _ => new SemaphoreSlim(0, 1));
}
