namespace Ledgerline.Jobs;

/// <summary>How long a failed job waits: 2 s, 4 s, 8 s … up to an hour, each shortened by up to a quarter so that herds disperse.</summary>
public static class Backoff
{
    public const int Attempts = 20;

    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <param name="attempt">1 after the first failure.</param>
    /// <param name="jitter">A random number from 0 up to 1000.</param>
    public static TimeSpan After(int attempt, int jitter)
    {
        var full = TimeSpan.FromSeconds(1L << Math.Clamp(attempt, 1, 30));
        full = full < Longest ? full : Longest;
        return full - TimeSpan.FromTicks(full.Ticks / 4 / 1000 * jitter);
    }
}
