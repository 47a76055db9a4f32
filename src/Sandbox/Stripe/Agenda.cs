namespace Sandbox.Stripe;

/// <summary>
/// What will happen when. A jump of the clock carries out everything it passed, in order and each as of its own moment, also what
/// only the jump itself put on the agenda: a year in one step is twelve renewals, not one. Used inside the world's gate only.
/// </summary>
internal sealed class Agenda(StripeWorld world, ILogger log)
{
    private readonly PriorityQueue<Action<StripeCall>, (long Due, long Number)> _waiting = new();
    private ITimer? _alarm;
    private long _number;
    private bool _running;

    public void At(long unixSeconds, Action<StripeCall> act)
    {
        _waiting.Enqueue(act, (unixSeconds, _number++));
        SetAlarm();
    }

    /// <summary>Carries out what is due; every call does this first, so that none sees a world that is behind its clock.</summary>
    public void CatchUp()
    {
        if (_running)
        {
            return;
        }

        _running = true;
        try
        {
            var now = world.Clock.GetUtcNow().ToUnixTimeSeconds();
            while (_waiting.TryPeek(out var act, out var at) && at.Due <= now)
            {
                _waiting.Dequeue();
                CarryOut(act, at.Due);
            }
        }
        finally
        {
            _running = false;
            SetAlarm();
        }
    }

    // Nobody waits for the answer of what time does: what goes wrong is logged, and the next item has its turn.
    private void CarryOut(Action<StripeCall> act, long due)
    {
        try
        {
            act(new StripeCall(world, world.Origin) { Now = due });
        }
        catch (Exception wrong) when (wrong is not OutOfMemoryException)
        {
            log.LogError(wrong, "Stripe: what was due at {Due} went wrong.", due);
        }
    }

    public void Clear()
    {
        _waiting.Clear();
        SetAlarm();
    }

    // One timer, for whatever comes next; it is made anew because a disposed one is forgotten by the clock at once.
    private void SetAlarm()
    {
        if (_running)
        {
            return;
        }

        _alarm?.Dispose();
        _alarm = null;
        if (!_waiting.TryPeek(out _, out var next))
        {
            return;
        }

        var wait = DateTimeOffset.FromUnixTimeSeconds(next.Due) - world.Clock.GetUtcNow();
        _alarm = world.Clock.CreateTimer(_ =>
        {
            lock (world.Gate)
            {
                CatchUp();
            }
        }, null, wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}
