namespace Sandbox.OpenAi.Realtime.Sound;

/// <summary>Says which tones a stretch of samples is made of (Goertzel, on the grid of 12.5 Hz).</summary>
internal static class ToneFinder
{
    private const double LowestHz = 200;
    private const double HighestHz = 3_400;
    private const double Pure = 0.95;
    private const double Audible = 0.05;
    private const int MostTones = 3;

    /// <summary>The strongest first; empty when nothing in it is a tone.</summary>
    /// <param name="samples">Used up: what was found is taken out.</param>
    /// <param name="guess">Tried first, because whoever spoke a moment ago most likely goes on.</param>
    public static IReadOnlyList<double> Find(Span<float> samples, int rate, double? guess)
    {
        var whole = Energy(samples);
        if (whole <= 0)
        {
            return [];
        }

        if (guess is { } expected && Share(samples, expected, rate, whole) >= Pure)
        {
            return [expected];
        }

        var tones = new List<double>();
        while (tones.Count < MostTones)
        {
            var (best, share) = (0.0, 0.0);
            for (var hz = LowestHz; hz <= HighestHz; hz += Tone.Step)
            {
                if (Share(samples, hz, rate, whole) is var found && found > share)
                {
                    (best, share) = (hz, found);
                }
            }

            // A tone is much of what there is; noise has a little of everything.
            if (share < (tones.Count == 0 ? 0.2 : Audible))
            {
                break;
            }

            // A tone that begins or ends within the window leaves a little beside itself.
            if (!tones.Exists(tone => Math.Abs(tone - best) <= 2 * Tone.Step))
            {
                tones.Add(best);
            }

            if (share >= Pure)
            {
                break;
            }

            TakeOut(samples, best, rate);
        }

        return tones;
    }

    public static double Energy(ReadOnlySpan<float> samples)
    {
        var energy = 0.0;
        foreach (var sample in samples)
        {
            energy += sample * sample;
        }

        return energy;
    }

    /// <summary>How much of the energy the tone is, 1 for a pure one.</summary>
    private static double Share(ReadOnlySpan<float> samples, double hz, int rate, double energy)
    {
        var coefficient = 2 * Math.Cos(2 * Math.PI * hz / rate);
        var (last, before) = (0.0, 0.0);
        foreach (var sample in samples)
        {
            (last, before) = (sample + coefficient * last - before, last);
        }

        return (last * last + before * before - coefficient * last * before) * 2 / (samples.Length * energy);
    }

    private static void TakeOut(Span<float> samples, double hz, int rate)
    {
        var (cosine, sine) = (0.0, 0.0);
        for (var at = 0; at < samples.Length; at++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * hz * at / rate);
            cosine += samples[at] * cos;
            sine += samples[at] * sin;
        }

        (cosine, sine) = (cosine * 2 / samples.Length, sine * 2 / samples.Length);
        for (var at = 0; at < samples.Length; at++)
        {
            var (sin, cos) = Math.SinCos(2 * Math.PI * hz * at / rate);
            samples[at] -= (float)(cosine * cos + sine * sin);
        }
    }
}
