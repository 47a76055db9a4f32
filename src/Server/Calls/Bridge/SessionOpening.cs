using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>Gets a session with the model: how often and how long it is tried. Null: there is none to be had.</summary>
internal sealed class SessionOpening(BridgeOrder order, TimeProvider clock, ILogger log)
{
    private const int MostAttempts = 3;

    // The person hears nothing meanwhile.
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(4.5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(2);

    public Task<IVoiceSession?> First(CancellationToken stop) => Open(null, FirstPatience, MostAttempts, stop);

    /// <param name="handover">What was said last.</param>
    public Task<IVoiceSession?> Again(string? handover, CancellationToken stop) => Open(handover, Patience, MostAttempts, stop);

    /// <inheritdoc cref="Again"/>
    public Task<IVoiceSession?> Relief(string? handover, CancellationToken stop) => Open(handover, Patience, 1, stop);

    private async Task<IVoiceSession?> Open(string? handover, TimeSpan patience, int attempts, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(patience, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await Open(handover, both.Token);
            }
            catch (Exception failure)
            {
                if (stop.IsCancellationRequested)
                {
                    return null;
                }

                log.LogWarning("Call {CallId}: no session with the model, attempt {Attempt}: {Failure}", order.CallId, attempt, failure.Message);
                if (attempt == attempts || failure is ModelFailure { MayRepeat: false } || !await Pause(both.Token))
                {
                    return null;
                }
            }
        }
    }

    private async Task<IVoiceSession> Open(string? handover, CancellationToken stop)
    {
        var opening = order.Open(handover, stop);
        try
        {
            return await opening.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // Whoever is not waited for any more must not stay open.
            _ = opening.ContinueWith(
                static async late => await (await late).DisposeAsync(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
            throw;
        }
    }

    private async Task<bool> Pause(CancellationToken stop)
    {
        try
        {
            await Task.Delay(BetweenAttempts, clock, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
