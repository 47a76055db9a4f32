using System.Threading.Channels;
using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>
/// What a call's listener is told, through a bounded channel with one reader: who tells never waits. Lines beyond the bound are given up and
/// counted, seconds are only told when there is room; what was used is never given up.
/// </summary>
internal sealed class CallEvents
{
    private const int Most = 256;

    private readonly Channel<object> channel = Channel.CreateBounded<object>(new BoundedChannelOptions(Most) { SingleReader = true });
    private readonly Queue<VoiceUsage> late = new();
    private readonly ICallListener listener;
    private readonly ILogger log;
    private Task reader = Task.CompletedTask;
    private int waitingTicks;
    private long lost;

    public CallEvents(ICallListener listener, ILogger log) => (this.listener, this.log) = (listener, log);

    /// <summary>The listener is told from now on.</summary>
    public void Start() => reader = Task.Run(Read);

    public void Spoken(SpokenLine line)
    {
        if (!channel.Writer.TryWrite(line))
        {
            Interlocked.Increment(ref lost);
        }
    }

    public void Used(VoiceUsage usage)
    {
        if (!channel.Writer.TryWrite(usage))
        {
            lock (late)
            {
                late.Enqueue(usage);
            }
        }
    }

    public void Tick(int secondsLeft)
    {
        // A listener that takes longer than a second is told the newest only.
        if (Interlocked.CompareExchange(ref waitingTicks, 1, 0) == 0 && !channel.Writer.TryWrite(secondsLeft))
        {
            Volatile.Write(ref waitingTicks, 0);
        }
    }

    /// <summary>Everything before it was told when this ends.</summary>
    public async Task End(BridgeEnd end)
    {
        channel.Writer.Complete();
        await reader;
        if (lost > 0)
        {
            log.LogWarning("{Lost} lines of a transcript were lost: its listener is too slow", lost);
        }

        await Tell(end);
    }

    private async Task Read()
    {
        await foreach (var happened in channel.Reader.ReadAllAsync())
        {
            await Tell(happened);
            await TellLate();
        }

        await TellLate();
    }

    private async Task TellLate()
    {
        while (true)
        {
            VoiceUsage usage;
            lock (late)
            {
                if (!late.TryDequeue(out usage!))
                {
                    return;
                }
            }

            await Tell(usage);
        }
    }

    private async Task Tell(object happened)
    {
        try
        {
            switch (happened)
            {
                case SpokenLine line:
                    await listener.Spoken(line);
                    break;
                case VoiceUsage usage:
                    await listener.Used(usage);
                    break;
                case int secondsLeft:
                    Volatile.Write(ref waitingTicks, 0);
                    await listener.Tick(secondsLeft);
                    break;
                case BridgeEnd end:
                    await listener.Ended(end);
                    break;
            }
        }
        catch (Exception failure)
        {
            log.LogError(failure, "A call's listener failed to take {What}", happened.GetType().Name);
        }
    }
}
