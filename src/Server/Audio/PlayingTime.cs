namespace Ledgerline.Audio;

/// <summary>Adds up samples exactly, also when their rate changes on the way; nothing is rounded down.</summary>
internal sealed class PlayingTime
{
    /// <summary>No single file may say that it plays longer than this.</summary>
    public static readonly TimeSpan Ceiling = TimeSpan.FromHours(24);

    private long settledTicks;
    private long samples;
    private long rate = 1;

    public TimeSpan Total => new(checked(settledTicks + Of(samples, rate).Ticks));

    /// <summary>The time that <paramref name="samples"/> take at <paramref name="rate"/> per second, rounded up to the next 100 ns.</summary>
    public static TimeSpan Of(long samples, long rate)
    {
        var scaled = (Int128)samples * TimeSpan.TicksPerSecond;
        return new TimeSpan(checked((long)((scaled + rate - 1) / rate)));
    }

    public void Add(long moreSamples, long atRate)
    {
        if (atRate != rate)
        {
            settledTicks = Total.Ticks;
            samples = 0;
            rate = atRate;
        }

        samples = checked(samples + moreSamples);
    }

    /// <summary>Takes off what a decoder drops at the ends of a stream; only ever a few packets.</summary>
    public void Trim(long fewerSamples, long atRate)
    {
        if (atRate == rate)
        {
            samples = Math.Max(0, samples - fewerSamples);
        }
    }

    /// <summary>Ends a walk early over a file that says more than any file may say.</summary>
    public void RefuseBeyondCeiling()
    {
        if (settledTicks > Ceiling.Ticks || samples > rate * (Ceiling.Ticks / TimeSpan.TicksPerSecond))
        {
            throw AudioFault.Unreadable("The file claims more audio than it holds.");
        }
    }
}
