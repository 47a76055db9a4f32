namespace Sandbox.Twilio.Line;

/// <summary>
/// One thread for all lines: every 20 real milliseconds each of them plays a frame and says one. A late tick is made up for, up
/// to a second. There is no thread while there is no line.
/// </summary>
internal sealed class LineClock(ILogger<LineClock> log) : IDisposable
{
    private const int MostMadeUp = MuLaw.FramesASecond;
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1000.0 / MuLaw.FramesASecond);

    private readonly Lock _gate = new();
    private readonly ManualResetEvent _stop = new(false);
    private volatile MediaStream[] _lines = [];
    private bool _runs;

    public void Join(MediaStream line)
    {
        lock (_gate)
        {
            _lines = [.. _lines, line];
            if (!_runs)
            {
                _runs = true;
                new Thread(Run) { IsBackground = true, Priority = ThreadPriority.AboveNormal, Name = "phone lines" }.Start();
            }
        }
    }

    public void Leave(MediaStream line)
    {
        lock (_gate)
        {
            _lines = [.. _lines.Where(one => one != line)];
        }
    }

    public void Dispose() => _stop.Set();

    private void Run()
    {
        var start = TimeProvider.System.GetTimestamp();
        for (long done = 0; ;)
        {
            var due = TimeProvider.System.GetElapsedTime(start).Ticks / Tick.Ticks;
            if (due - done > MostMadeUp)
            {
                done = due - MostMadeUp;
            }

            for (; done < due; done++)
            {
                foreach (var line in _lines)
                {
                    try
                    {
                        line.Tick();
                    }
                    catch (Exception wrong)
                    {
                        // One broken line is not the end of all.
                        log.LogError(wrong, "The stream {Sid} broke.", line.StreamSid);
                        Leave(line);
                    }
                }
            }

            lock (_gate)
            {
                if (_lines.Length == 0)
                {
                    _runs = false;
                    return;
                }
            }

            var left = ((done + 1) * Tick) - TimeProvider.System.GetElapsedTime(start);
            if (_stop.WaitOne(left > TimeSpan.Zero ? left : TimeSpan.Zero))
            {
                return;
            }
        }
    }
}
