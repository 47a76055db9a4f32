namespace Ledgerline.Jobs;

/// <summary>Wakes this node's runner as soon as a transaction of this node has written a job.</summary>
public sealed class JobSignal : IDisposable
{
    private readonly SemaphoreSlim bell = new(0, 1);

    public void Wake()
    {
        try
        {
            bell.Release();
        }
        catch (SemaphoreFullException)
        {
            // It already rings.
        }
    }

    public void Dispose() => bell.Dispose();

    /// <summary>Returns when somebody rang or the pause is over.</summary>
    internal async Task Wait(TimeSpan pause, TimeProvider clock, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var rung = bell.WaitAsync(either.Token);
        await Task.WhenAny(rung, Task.Delay(pause, clock, either.Token));
        await either.CancelAsync();
        stop.ThrowIfCancellationRequested();
    }
}
