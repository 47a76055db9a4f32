namespace Sandbox.Core;

/// <summary>
/// Real time plus an offset that only grows. Timers made from it fire when a jump passes their due time; a period that was
/// jumped over many times ticks once. Timestamps move with it, so elapsed times see the jump too.
/// </summary>
public sealed class SandboxClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly HashSet<ClockTimer> _armed = [];
    private readonly long _start = System.GetTimestamp();
    private long _offsetTicks;

    public override long TimestampFrequency => System.TimestampFrequency;

    /// <summary>Timers that still wait; those that fired for the last time or were disposed are not held.</summary>
    public int ArmedTimers
    {
        get
        {
            lock (_gate)
            {
                return _armed.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddTicks(Interlocked.Read(ref _offsetTicks));

    public override long GetTimestamp() =>
        System.GetTimestamp() + (long)((Int128)Interlocked.Read(ref _offsetTicks) * TimestampFrequency / TimeSpan.TicksPerSecond);

    /// <summary>Moves time forward; a negative span is refused, time does not run backwards.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        lock (_gate)
        {
            Jump(by);
        }
    }

    /// <summary>Moves time forward to this instant; an instant in the past is refused.</summary>
    public void SetNow(DateTimeOffset now)
    {
        lock (_gate)
        {
            var by = now - GetUtcNow();
            ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero, nameof(now));
            Jump(by);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new ClockTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private TimeSpan Elapsed => System.GetElapsedTime(_start) + TimeSpan.FromTicks(_offsetTicks);

    private void Jump(TimeSpan by)
    {
        // Refuse what the calendar cannot hold before anything has moved.
        _ = GetUtcNow() + by;
        Interlocked.Add(ref _offsetTicks, by.Ticks);
        foreach (var timer in _armed)
        {
            timer.Arm();
        }
    }

    private sealed class ClockTimer : ITimer
    {
        // A system timer takes at most 2^32-2 milliseconds; a longer wait is taken in several.
        private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

        private readonly SandboxClock _clock;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _wait;
        private TimeSpan? _due;
        private TimeSpan _period;
        private bool _disposed;

        public ClockTimer(SandboxClock clock, TimerCallback callback, object? state)
        {
            _clock = clock;
            _callback = callback;
            _state = state;
            _wait = System.CreateTimer(static timer => ((ClockTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            CheckSpan(dueTime, nameof(dueTime));
            CheckSpan(period, nameof(period));
            lock (_clock._gate)
            {
                if (_disposed)
                {
                    return false;
                }

                _period = period;
                Set(dueTime == Timeout.InfiniteTimeSpan ? null : _clock.Elapsed + dueTime);
                return true;
            }
        }

        /// <summary>Sets the system timer for what is left; called inside the clock's gate.</summary>
        public void Arm()
        {
            if (_due is not { } due)
            {
                _wait.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                return;
            }

            var left = due - _clock.Elapsed;
            // Rounded up to a whole millisecond: the system timer would cut it off and wake too early.
            var wait = left <= TimeSpan.Zero ? TimeSpan.Zero
                : left > LongestWait ? LongestWait
                : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
            _wait.Change(wait, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            Forget();
            _wait.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Forget();
            return _wait.DisposeAsync();
        }

        private void Fire()
        {
            lock (_clock._gate)
            {
                if (_disposed || _due is not { } due)
                {
                    return;
                }

                if (_clock.Elapsed < due)
                {
                    Arm();
                    return;
                }

                Set(_period > TimeSpan.Zero ? _clock.Elapsed + _period : null);
            }

            _callback(_state);
        }

        private void Set(TimeSpan? due)
        {
            _due = due;
            if (due is null)
            {
                _clock._armed.Remove(this);
            }
            else
            {
                _clock._armed.Add(this);
            }

            Arm();
        }

        private void Forget()
        {
            lock (_clock._gate)
            {
                _disposed = true;
                _due = null;
                _clock._armed.Remove(this);
            }
        }

        private static void CheckSpan(TimeSpan span, string name)
        {
            if (span < TimeSpan.Zero && span != Timeout.InfiniteTimeSpan)
            {
                throw new ArgumentOutOfRangeException(name, "A timer's span is zero, positive or infinite.");
            }
        }
    }
}
