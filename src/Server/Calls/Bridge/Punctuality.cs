using System.Diagnostics.Metrics;
using Ledgerline.Http;

namespace Ledgerline.Calls.Bridge;

/// <summary>Whether this node keeps up with the audio of its calls. While it does not, it begins no new ones; those that run go on, and it finds back by itself.</summary>
internal sealed class Punctuality : IDisposable
{
    private const int Beats = 5;

    // Fewer are one call, whose own line may be bad.
    private const long FewestFrames = 300;

    // One in ten.
    private const long LateShare = 10;

    private readonly (long Frames, long Late)[] beats = new (long, long)[Beats];
    private readonly Meter meter = new(Telemetry.Name);
    private readonly Counter<long> lateFrames;
    private readonly ILogger log;
    private int next;
    private volatile bool isBehind;

    public Punctuality(MediaOptions options, ILogger<Punctuality> log)
    {
        (Late, this.log) = (options.Late, log);
        lateFrames = meter.CreateCounter<long>("ledgerline.calls.frames.late", "{frame}", "Frames of callers that waited too long before they were read");
        meter.CreateObservableGauge("ledgerline.calls.behind", () => isBehind ? 1 : 0, "{node}", "1 while this node begins no new calls because it does not keep up");
    }

    /// <summary>A frame that waited longer is late; zero: none is.</summary>
    public TimeSpan Late { get; }

    public bool IsBehind => isBehind;

    /// <summary>Once a second: so many frames came to all calls of this node, and so many of them late.</summary>
    public void Beat(long frames, long late)
    {
        lateFrames.Add(late);
        beats[next++ % Beats] = (frames, late);
        var (all, tardy) = (beats.Sum(beat => beat.Frames), beats.Sum(beat => beat.Late));
        var was = isBehind;
        isBehind = all >= FewestFrames && tardy * LateShare > all;
        if (isBehind != was)
        {
            log.LogWarning("Of {Frames} frames {Late} came late: new calls {Are} begun here", all, tardy, isBehind ? "are not" : "are");
        }
    }

    public void Dispose() => meter.Dispose();
}
