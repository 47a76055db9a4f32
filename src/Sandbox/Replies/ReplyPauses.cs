using System.Collections.Concurrent;
using Sandbox.Core;

namespace Sandbox.Replies;

/// <summary>An answer that waits: how many of its events have left, and since when.</summary>
internal sealed record ReplyPause(string Id, string Provider, string Path, int EventsSent, DateTimeOffset Since);

/// <summary>The answers that wait in the middle until they are released, their time is over on the sandbox's clock, or their client hangs up.</summary>
internal sealed class ReplyPauses(SandboxClock clock)
{
    private readonly ConcurrentDictionary<string, (ReplyPause Pause, TaskCompletionSource Released)> _waiting = new();

    /// <summary>Oldest last.</summary>
    public IReadOnlyList<ReplyPause> List(string provider) =>
        [.. _waiting.Values.Select(one => one.Pause).Where(pause => pause.Provider == provider).OrderByDescending(pause => pause.Since)];

    /// <summary>Waits where the script says so.</summary>
    public async Task Meet(NextReply? script, string provider, int eventsSent, HttpContext context)
    {
        if (script?.PauseAfter?.Contains(eventsSent) != true)
        {
            return;
        }

        var pause = new ReplyPause(Ids.New("pause_", 12), provider, context.Request.Path, eventsSent, clock.GetUtcNow());
        var released = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[pause.Id] = (pause, released);
        try
        {
            var longest = script.PauseSeconds is { } seconds ? TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond)) : Timeout.InfiniteTimeSpan;
            await released.Task.WaitAsync(longest, clock, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            // Its time is over, and the answer goes on.
        }
        finally
        {
            _waiting.TryRemove(pause.Id, out _);
        }
    }

    /// <summary>Lets the answers of a provider that wait go on, or only one of them; how many there were.</summary>
    public int Release(string provider, string? id = null)
    {
        var chosen = _waiting.Values.Where(one => one.Pause.Provider == provider && (id is null || one.Pause.Id == id)).ToList();
        return chosen.Count(one => one.Released.TrySetResult());
    }
}
