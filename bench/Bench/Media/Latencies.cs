using System.Diagnostics;

namespace Bench.Media;

/// <summary>How long frames were on their way, while it is being measured. Filled by one thread.</summary>
internal sealed class Latencies
{
    private readonly List<long> ticks = new(1 << 20);

    public bool IsOpen { get; set; }

    public int Count => ticks.Count;

    public void Add(long span)
    {
        if (IsOpen)
        {
            ticks.Add(span);
        }
    }

    /// <summary>In milliseconds.</summary>
    public double Percentile(double share)
    {
        if (ticks.Count == 0)
        {
            return 0;
        }

        var sorted = ticks.ToArray();
        Array.Sort(sorted);
        return sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))] * 1000.0 / Stopwatch.Frequency;
    }
}
