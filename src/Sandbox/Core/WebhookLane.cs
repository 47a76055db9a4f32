namespace Sandbox.Core;

/// <summary>The road of one provider's webhooks: a barrier, a turn-taking, and a place where events overtake each other.</summary>
internal sealed class WebhookLane
{
    private static readonly TimeSpan GatheringTime = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private Task _lastTurn = Task.CompletedTask;
    private List<Waiting>? _gathering;
    private TaskCompletionSource? _barrier;

    public WebhookModes Modes { get; private set; } = new();

    public void Set(WebhookModes modes)
    {
        lock (_gate)
        {
            Modes = modes;
            if (modes.Hold)
            {
                _barrier ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
            else
            {
                _barrier?.SetResult();
                _barrier = null;
            }
        }
    }

    /// <summary>Waits while events are held back.</summary>
    public Task Released(CancellationToken stop)
    {
        lock (_gate)
        {
            return _barrier?.Task.WaitAsync(stop) ?? Task.CompletedTask;
        }
    }

    /// <summary>Sends when the ones before are done.</summary>
    public async Task<bool> InTurn(Func<Task<bool>> send, CancellationToken stop)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
        {
            (before, _lastTurn) = (_lastTurn, done.Task);
        }

        try
        {
            await before.WaitAsync(stop);
            return await send();
        }
        finally
        {
            done.SetResult();
        }
    }

    /// <summary>Gathers what arrives within a moment, then sends it one after the other, the newest first.</summary>
    public Task<bool> NewestFirst(Func<Task<bool>> send, CancellationToken stop)
    {
        var mine = new Waiting(send);
        lock (_gate)
        {
            if (_gathering is not null)
            {
                _gathering.Add(mine);
                return mine.Sent.Task.WaitAsync(stop);
            }

            _gathering = [mine];
        }

        return Gather(mine, stop);
    }

    private async Task<bool> Gather(Waiting oldest, CancellationToken stop)
    {
        await Task.Delay(GatheringTime, stop);
        List<Waiting> gathered;
        lock (_gate)
        {
            gathered = _gathering!;
            _gathering = null;
        }

        await InTurn(async () =>
        {
            foreach (var waiting in Enumerable.Reverse(gathered))
            {
                waiting.Sent.SetResult(await waiting.Send());
            }

            return true;
        }, stop);
        return await oldest.Sent.Task;
    }

    private sealed record Waiting(Func<Task<bool>> Send)
    {
        public TaskCompletionSource<bool> Sent { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
