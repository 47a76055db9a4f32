using System.Collections.Concurrent;

namespace Sandbox.Twilio.Line;

/// <summary>Sound without a longer pause: when it began, how long it sounds, its tones, and how much of it was missing in between.</summary>
internal sealed record Stretch(double At, double Seconds, IReadOnlyList<double> TonesHz, double GapSeconds);

/// <summary>What one side said, by the frame, counted from the beginning of the stream. Silence takes no room; the first ten minutes of sound are kept.</summary>
internal sealed class Track
{
    public const int MostFrames = 10 * 60 * MuLaw.FramesASecond;

    // A pause below a fifth of a second is a gap in what was said, not its end.
    private const int LongestGap = MuLaw.FramesASecond / 5;

    private readonly Lock _gate = new();
    private readonly List<Run> _runs = [];
    private readonly ConcurrentDictionary<(int Start, int Frames), IReadOnlyList<double>> _tones = [];
    private byte[] _audio = [];
    private int _kept;

    public void Append(int tick, ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            if (_kept >= MostFrames)
            {
                return;
            }

            if ((_kept + 1) * MuLaw.FrameBytes > _audio.Length)
            {
                Array.Resize(ref _audio, Math.Max(50 * MuLaw.FrameBytes, _audio.Length * 2));
            }

            var place = _audio.AsSpan(_kept * MuLaw.FrameBytes, MuLaw.FrameBytes);
            place.Fill(MuLaw.Silence);
            frame.CopyTo(place);
            if (_runs is [.., var last] && last.End == tick)
            {
                _runs[^1] = last with { Frames = last.Frames + 1 };
            }
            else
            {
                _runs.Add(new Run(tick, _kept, 1));
            }

            _kept++;
        }
    }

    /// <summary>The sound between two ticks, with the silence in it.</summary>
    public byte[] Slice(int from, int to)
    {
        var sound = new byte[Math.Max(0, to - from) * MuLaw.FrameBytes];
        Array.Fill(sound, MuLaw.Silence);
        lock (_gate)
        {
            foreach (var run in _runs)
            {
                var (first, end) = (Math.Max(run.Start, from), Math.Min(run.End, to));
                if (first < end)
                {
                    Audio(run with { Start = first, First = run.First + first - run.Start, Frames = end - first }, _audio).CopyTo(sound.AsMemory((first - from) * MuLaw.FrameBytes));
                }
            }
        }

        return sound;
    }

    public IReadOnlyList<Stretch> Stretches()
    {
        // What was written once is not written again, so the looking needs no gate.
        List<Run> all;
        byte[] audio;
        lock (_gate)
        {
            (all, audio) = ([.. _runs], _audio);
        }

        var stretches = new List<Stretch>();
        for (var at = 0; at < all.Count;)
        {
            var from = at++;
            while (at < all.Count && all[at].Start - all[at - 1].End <= LongestGap)
            {
                at++;
            }

            var runs = all.GetRange(from, at - from);
            var frames = runs.Sum(run => run.Frames);
            var (start, end) = (runs[0].Start, runs[^1].End);
            var tones = _tones.GetOrAdd((start, frames), _ => TonesOf(runs, audio));
            stretches.Add(new Stretch(Seconds(start), Seconds(frames), tones, Seconds(end - start - frames)));
        }

        return stretches;
    }

    private static double Seconds(int frames) => (double)frames / MuLaw.FramesASecond;

    private static IReadOnlyList<double> TonesOf(List<Run> runs, byte[] audio)
    {
        // Over a gap the wave jumps, and a window across it would show tones that nobody spoke.
        var windows = new List<ReadOnlyMemory<byte>>();
        foreach (var run in runs)
        {
            var sound = Audio(run, audio);
            for (var at = 0; at + Tones.Window <= sound.Length; at += Tones.Window)
            {
                windows.Add(sound.Slice(at, Tones.Window));
            }
        }

        return Tones.Over(windows.Count > 0 ? windows : [Audio(runs.MaxBy(run => run.Frames)!, audio)]);
    }

    private static ReadOnlyMemory<byte> Audio(Run run, byte[] audio) => audio.AsMemory(run.First * MuLaw.FrameBytes, run.Frames * MuLaw.FrameBytes);

    private sealed record Run(int Start, int First, int Frames)
    {
        public int End => Start + Frames;
    }
}
