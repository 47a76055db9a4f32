using System.Diagnostics;

namespace Bench.Media;

/// <summary>One thread that turns once every 20 ms, in 20 steps: each call has its step, so that calls come spread and not all at once.</summary>
internal sealed class Wheel : IDisposable
{
    private const int Steps = 20;

    private readonly Lock gate = new();
    private readonly List<Action>[] turns = [.. Enumerable.Range(0, Steps).Select(_ => new List<Action>())];
    private readonly PriorityQueue<Action, long> later = new();
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly AutoResetEvent pause = new(false);
    private readonly Thread thread;
    private volatile bool over;
    private long step;

    public Wheel()
    {
        thread = new Thread(Turn) { IsBackground = true, Priority = ThreadPriority.Highest };
        thread.Start();
    }

    /// <summary>How many milliseconds behind it was at the worst: what it sends late is no delay of the bridge.</summary>
    public long Late { get; private set; }

    private long Now => (long)Stopwatch.GetElapsedTime(start).TotalMilliseconds;

    /// <summary>Fifty times a second, until it is removed.</summary>
    public IDisposable Every(int slot, Action act)
    {
        var turn = turns[slot % Steps];
        lock (gate)
        {
            turn.Add(act);
        }

        return new Removal(this, turn, act);
    }

    /// <summary>Once.</summary>
    public void After(int milliseconds, Action act)
    {
        lock (gate)
        {
            later.Enqueue(act, Now + milliseconds);
        }
    }

    public void ForgetLateness() => Late = 0;

    public void Dispose()
    {
        over = true;
        pause.Set();
        thread.Join();
        pause.Dispose();
    }

    private void Turn()
    {
        var due = new List<Action>();
        while (!over)
        {
            var now = Now;
            Late = Math.Max(Late, now - step - 1);
            while (step <= now)
            {
                lock (gate)
                {
                    due.AddRange(turns[step % Steps]);
                    while (later.TryPeek(out var act, out var at) && at <= step)
                    {
                        due.Add(act);
                        later.Dequeue();
                    }
                }

                step++;
                due.ForEach(act => act());
                due.Clear();
            }

            pause.WaitOne(1);
        }
    }

    private sealed class Removal(Wheel wheel, List<Action> turn, Action act) : IDisposable
    {
        public void Dispose()
        {
            lock (wheel.gate)
            {
                turn.Remove(act);
            }
        }
    }
}
