using System.Collections.Concurrent;
using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>What the model's sessions say, and what is done about it.</summary>
internal sealed class AgentEars(Speech speech, AgentLine agent, ToolRuns tools, Manners manners, CallEvents events) : IVoiceListener
{
    private const int Remembered = 32;

    // Marks come back a little after the last sound was heard.
    private const long AlmostAllMs = 500;

    private readonly ConcurrentDictionary<string, long> began = new();
    private readonly Queue<string> order = new();
    private readonly Dictionary<string, SpokenLine> lines = [];
    private readonly Dictionary<string, long> cuts = [];
    private string? speaking;

    public async ValueTask Audio(string item, ReadOnlyMemory<byte> base64)
    {
        var startMs = await speech.Play(item, base64);
        if (item != speaking)
        {
            manners.AgentSounds();
            speaking = item;
            Began(item, startMs);
        }
    }

    public ValueTask AudioEnded(string item) => speech.EndItem();

    public void TurnStarted() => manners.AgentBegins();

    public async ValueTask TurnEnded()
    {
        await speech.EndItem();
        manners.AgentEnds();
    }

    public async ValueTask SpeechStarted(string item, long atMs)
    {
        Began(item, Math.Min(atMs, speech.Now));
        manners.CallerBegins();
        if (manners.TalksToMachine || await speech.Interrupt() is not { } heard)
        {
            return;
        }

        manners.Interrupted();
        agent.Discard();
        foreach (var one in heard)
        {
            if (one.PlayedMs > 0)
            {
                agent.Truncate(one.Item, one.PlayedMs);
            }

            Cut(one);
        }
    }

    public void SpeechEnded(string item) => manners.CallerEnds();

    public void Said(VoiceLine line)
    {
        var speaker = line.IsModel ? SpokenLine.Agent : SpokenLine.Customer;
        agent.Memory.Add(speaker, line.Text);
        manners.Said(line);
        var spoken = new SpokenLine(
            speaker, line.Text, line.Item, line.Previous, began.GetValueOrDefault(line.Item, speech.Now), cuts.TryGetValue(line.Item, out var cut) ? cut : null);
        lines[line.Item] = spoken;
        events.Spoken(spoken);
    }

    public void Called(ToolCall call)
    {
        if (!tools.IsNew(call))
        {
            return;
        }

        agent.Asked(call);
        if (call.Name == BridgeTools.EndCall.Name)
        {
            manners.Farewell(call);
        }
        else
        {
            tools.Start(call);
        }
    }

    public void Used(VoiceUsage usage) => events.Used(usage);

    /// <summary>The call is over: so much was on its way to the phone and never heard. Only when no session runs any more.</summary>
    public void Unheard(IReadOnlyList<Heard> rest)
    {
        foreach (var one in rest.Where(one => one.MissedMs > AlmostAllMs))
        {
            Cut(one);
        }
    }

    private void Cut(Heard heard)
    {
        cuts[heard.Item] = heard.PlayedMs;
        if (lines.TryGetValue(heard.Item, out var line))
        {
            events.Spoken(lines[heard.Item] = line with { CutAtMs = heard.PlayedMs });
        }
    }

    private void Began(string item, long atMs)
    {
        if (began.TryAdd(item, atMs))
        {
            order.Enqueue(item);
            while (order.Count > Remembered && order.TryDequeue(out var old))
            {
                began.TryRemove(old, out _);
                lines.Remove(old);
                cuts.Remove(old);
            }
        }
    }
}
