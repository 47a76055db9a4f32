using System.Numerics;

namespace Sandbox.Twilio.Line;

/// <summary>Finds tones in µ-law: windows of 80 ms, so that a step of the scale is 12.5 Hz.</summary>
internal static class Tones
{
    public const int Window = 640;
    public const double Step = (double)MuLaw.Rate / Window;
    private const int Part = Window / 5;

    // A peak this much weaker than the strongest is the window's own.
    private const double Least = 0.15;
    private const double Quiet = 2000;

    private static readonly double[] Hann = [.. Enumerable.Range(0, Window).Select(at => 0.5 - (0.5 * Math.Cos(2 * Math.PI * at / Window)))];
    private static readonly Complex[] Roots = [.. Enumerable.Range(0, Window).Select(at => Complex.FromPolarCoordinates(1, -2 * Math.PI * at / Window))];

    /// <summary>The tones of one window, strongest first; a shorter piece is filled up with silence.</summary>
    public static IReadOnlyList<double> In(ReadOnlySpan<byte> audio)
    {
        var strengths = Strengths(audio);
        var most = strengths.Max();
        if (most < Quiet)
        {
            return [];
        }

        var peaks = new List<int>();
        for (var at = 2; at < strengths.Length - 2; at++)
        {
            if (strengths[at] >= Least * most && strengths[at] >= strengths[at - 1] && strengths[at] > strengths[at + 1]
                && strengths[at] >= strengths[at - 2] && strengths[at] > strengths[at + 2])
            {
                peaks.Add(at);
            }
        }

        return [.. peaks.OrderByDescending(at => strengths[at]).Select(at => at * Step)];
    }

    /// <summary>The tones of a longer piece in the order of their coming; one that only a single window of several shows is the edge between two others.</summary>
    public static IReadOnlyList<double> Over(IReadOnlyList<ReadOnlyMemory<byte>> windows)
    {
        var seen = windows.Select(window => In(window.Span)).ToList();
        var times = seen.SelectMany(tones => tones).CountBy(tone => tone).ToDictionary();
        return [.. seen.SelectMany(tones => tones).Distinct().Where(tone => times[tone] > 1 || windows.Count == 1)];
    }

    // 640 = 5 × 128: five fast transforms of every fifth sample, put together.
    private static double[] Strengths(ReadOnlySpan<byte> audio)
    {
        var parts = new Complex[5][];
        for (var part = 0; part < 5; part++)
        {
            var samples = parts[part] = new Complex[Part];
            for (var at = 0; at < Part; at++)
            {
                var from = (at * 5) + part;
                samples[at] = from < audio.Length ? MuLaw.Decode(audio[from]) * Hann[from] : 0;
            }

            Transform(samples);
        }

        var strengths = new double[Window / 2];
        for (var bin = 0; bin < strengths.Length; bin++)
        {
            var sum = Complex.Zero;
            for (var part = 0; part < 5; part++)
            {
                sum += Roots[part * bin % Window] * parts[part][bin % Part];
            }

            strengths[bin] = sum.Magnitude;
        }

        return strengths;
    }

    private static void Transform(Complex[] values)
    {
        for (int at = 1, mirrored = 0; at < Part; at++)
        {
            var bit = Part >> 1;
            for (; (mirrored & bit) != 0; bit >>= 1)
            {
                mirrored ^= bit;
            }

            mirrored ^= bit;
            if (at < mirrored)
            {
                (values[at], values[mirrored]) = (values[mirrored], values[at]);
            }
        }

        for (var length = 2; length <= Part; length *= 2)
        {
            for (var from = 0; from < Part; from += length)
            {
                for (var at = 0; at < length / 2; at++)
                {
                    var (even, odd) = (values[from + at], values[from + at + (length / 2)] * Roots[at * (Window / length)]);
                    (values[from + at], values[from + at + (length / 2)]) = (even + odd, even - odd);
                }
            }
        }
    }
}
