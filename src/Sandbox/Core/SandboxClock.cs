namespace Sandbox.Core;

/// <summary>
/// Real time plus an offset that only grows. Timers made from it fire when a jump passes their due time; a period that was
/// jumped over many times ticks once. Timestamps move with it, so elapsed times see the jump too.
/// </summary>
public sealed class SandboxClock : TimeProvider
{
    // A system timer takes at most 2^32-2 milliseconds; a longer wait is taken in several.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(40);

    private readonly Lock _gate = new();
    private readonly SortedSet<ClockTimer> _armed = new(ClockTimer.ByDue);
    private readonly long _start = System.GetTimestamp();
    private readonly ITimer _alarm;
    private long _offsetTicks;
    private long _timersMade;

    public SandboxClock() =>
        _alarm = System.CreateTimer(static clock => ((SandboxClock)clock!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

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

    private TimeSpan Elapsed => System.GetElapsedTime(_start) + TimeSpan.FromTicks(_offsetTicks);

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
        var timer = new ClockTimer(this, Interlocked.Increment(ref _timersMade), callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Jump(TimeSpan by)
    {
        // Refuse what the calendar cannot hold before anything has moved.
        _ = GetUtcNow() + by;
        Interlocked.Add(ref _offsetTicks, by.Ticks);
        Ring();
    }

    /// <summary>Lets go of every timer that is due and sets the alarm for the next one.</summary>
    private void Ring()
    {
        lock (_gate)
        {
            var now = Elapsed;
            while (_armed.Min is { } first && first.Due <= now)
            {
                _armed.Remove(first);
                first.LetGo(now);
            }

            SetAlarm();
        }
    }

    private void SetAlarm()
    {
        if (_armed.Min is not { } first)
        {
            _alarm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }

        var left = first.Due - Elapsed;
        // Rounded up to a whole millisecond: the system timer would cut it off and wake too early.
        _alarm.Change(
            left <= TimeSpan.Zero ? TimeSpan.Zero : left > LongestWait ? LongestWait : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds)),
            Timeout.InfiniteTimeSpan);
    }

    private sealed class ClockTimer : ITimer
    {
        public static readonly IComparer<ClockTimer> ByDue =
            Comparer<ClockTimer>.Create((one, other) => one.Due != other.Due ? one.Due.CompareTo(other.Due) : one._number.CompareTo(other._number));

        private readonly SandboxClock _clock;
        private readonly long _number;
        private readonly TimerCallback _callback;
        private readonly object? _state;

        // Never waits: it runs the callback on the pool, in the caller's context, and knows when the last one has ended.
        private readonly ITimer _runner;
        private TimeSpan _period;
        private bool _letGo;
        private bool _disposed;

        public ClockTimer(SandboxClock clock, long number, TimerCallback callback, object? state)
        {
            (_clock, _number, _callback, _state) = (clock, number, callback, state);
            _runner = System.CreateTimer(static timer => ((ClockTimer)timer!).Run(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        /// <summary>On the clock's own scale; changed only while the timer is not among the armed ones.</summary>
        public TimeSpan Due { get; private set; }

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

                _clock._armed.Remove(this);
                _letGo = false;
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = _clock.Elapsed + dueTime;
                    _clock._armed.Add(this);
                }

                _clock.SetAlarm();
                return true;
            }
        }

        /// <summary>Starts the callback; called inside the clock's gate, when the timer is due and no longer armed.</summary>
        public void LetGo(TimeSpan now)
        {
            _letGo = true;
            if (_period > TimeSpan.Zero)
            {
                Due = now + _period;
                _clock._armed.Add(this);
            }

            _runner.Change(TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }

        public void Dispose()
        {
            Forget();
            _runner.Dispose();
        }

        public ValueTask DisposeAsync()
        {
            Forget();
            return _runner.DisposeAsync();
        }

        private void Run()
        {
            lock (_clock._gate)
            {
                if (_disposed || !_letGo)
                {
                    return;
                }

                _letGo = false;
            }

            _callback(_state);
        }

        private void Forget()
        {
            lock (_clock._gate)
            {
                _disposed = true;
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
