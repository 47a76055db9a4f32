using System.Text.RegularExpressions;
using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>
/// When the agent is told to come to an end, to ask whether anybody is there, and when the call is hung up: after a goodbye was heard to its
/// end and the person did not go on, after long silence, and at the limit in any case.
/// </summary>
internal sealed partial class Manners
{
    private static readonly TimeSpan FirstNotice = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LastNotice = TimeSpan.FromSeconds(20);

    // A call that short would hear of its end at its beginning.
    private static readonly TimeSpan ShortCall = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan LongSilence = TimeSpan.FromSeconds(20);

    // After a goodbye that came without a word to hang up the person may still answer it.
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(6);

    // Beyond what is queued: a mark that does not come back must not keep the line.
    private static readonly TimeSpan MarkPatience = TimeSpan.FromSeconds(2);
    private const int MostQuestions = 2;

    private readonly Lock gate = new();
    private readonly AgentLine agent;
    private readonly Speech speech;
    private readonly TimeProvider clock;
    private readonly Action<string> end;
    private readonly DateTimeOffset startedAt;
    private DateTimeOffset endsAt;
    private bool isToldFirst;
    private bool isToldLast;
    private bool agentTalks;
    private bool callerTalks;
    private bool hasSpoken;
    private bool soundsNow;
    private int questions;
    private DateTimeOffset quietSince;
    private Parting? parting;
    private DateTimeOffset plannedAt;
    private DateTimeOffset? partsAt;

    public Manners(DateTimeOffset endsAt, AgentLine agent, Speech speech, TimeProvider clock, Action<string> end)
    {
        (this.endsAt, this.agent, this.speech, this.clock, this.end) = (endsAt, agent, speech, clock, end);
        startedAt = quietSince = clock.GetUtcNow();
    }

    /// <summary>Why the call will be hung up when the agent has been heard.</summary>
    private enum Parting
    {
        /// <summary>The agent wants it.</summary>
        Asked,

        /// <summary>The agent said goodbye.</summary>
        Said,
        Silence,
        Machine,
    }

    public int Interruptions { get; private set; }

    /// <summary>What talks there does not listen, so it interrupts nobody.</summary>
    public bool TalksToMachine { get; private set; }

    /// <summary>Nobody speaks, and nobody is about to.</summary>
    public bool IsQuiet => !agentTalks && !callerTalks && !speech.IsPlaying;

    public int SecondsLeft(DateTimeOffset now) => (int)Math.Max(0, Math.Ceiling((endsAt - now).TotalSeconds));

    public void LimitChanged(DateTimeOffset at)
    {
        lock (gate)
        {
            endsAt = at;
            var left = at - clock.GetUtcNow();
            if (isToldLast && left > LastNotice)
            {
                agent.Note("There is more time for this call now. You need not say goodbye yet.", answer: false);
            }

            isToldFirst &= left <= FirstNotice;
            isToldLast &= left <= LastNotice;
        }
    }

    public void ReachMachine()
    {
        lock (gate)
        {
            TalksToMachine = true;
            Plan(Parting.Machine);
        }

        agent.Note("You have reached an answering machine. Leave a message of one or two sentences, say goodbye, and stop.", answer: true);
    }

    public void AgentBegins() => (agentTalks, hasSpoken, soundsNow) = (true, true, false);

    public void AgentSounds() => soundsNow = true;

    public void AgentEnds()
    {
        lock (gate)
        {
            agentTalks = false;
            if (parting is not null && partsAt is null && hasSpoken)
            {
                partsAt = clock.GetUtcNow() + TimeSpan.FromMilliseconds(speech.QueuedMs) + (parting == Parting.Said ? LastWord : MarkPatience);
            }
        }

        Heard();
    }

    public void CallerBegins()
    {
        callerTalks = true;
        CallerActs();
    }

    public void CallerEnds() => callerTalks = false;

    public void Interrupted() => Interruptions++;

    /// <summary>Who goes on talking or pressing keys is not hung up on.</summary>
    public void CallerActs()
    {
        lock (gate)
        {
            questions = 0;
            if (!TalksToMachine)
            {
                (parting, partsAt) = (null, null);
            }
        }
    }

    /// <summary>The agent wants to hang up.</summary>
    public void Farewell(ToolCall call)
    {
        var saidNothing = !soundsNow;
        lock (gate)
        {
            if (!callerTalks)
            {
                Plan(Parting.Asked);
                hasSpoken = !saidNothing;
            }
        }

        agent.Result(
            call,
            saidNothing ? """{"status":"Say goodbye in one sentence; the call ends when you have been heard."}""" : """{"status":"The call ends when you have been heard."}""",
            answer: saidNothing);
    }

    public void Said(VoiceLine line)
    {
        lock (gate)
        {
            if (line.IsModel && parting is null && Goodbye().IsMatch(line.Text))
            {
                (parting, plannedAt) = (Parting.Said, clock.GetUtcNow());
            }
        }
    }

    /// <summary>A mark came back, or the agent has finished: perhaps that was the end of the goodbye.</summary>
    public void Heard()
    {
        bool isOver;
        lock (gate)
        {
            isOver = parting is not null and not Parting.Said && partsAt is not null && IsQuiet;
        }

        if (isOver)
        {
            Part();
        }
    }

    /// <summary>Once a second.</summary>
    public void Tick(DateTimeOffset now)
    {
        if (now >= endsAt)
        {
            end(BridgeEnd.TimeLimit);
            return;
        }

        bool isOver;
        lock (gate)
        {
            TellTime(now);
            isOver = parting is not null && now >= (partsAt ?? plannedAt + LongSilence) && !agentTalks && !callerTalks;
            if (!isOver)
            {
                MindSilence(now);
            }
        }

        if (isOver)
        {
            Part();
        }
    }

    // What the agent says now is not yet the goodbye.
    private void Plan(Parting why) => (parting, partsAt, hasSpoken, plannedAt) = (why, null, false, clock.GetUtcNow());

    private void Part() => end(parting == Parting.Silence ? BridgeEnd.Silence : BridgeEnd.Goodbye);

    private void TellTime(DateTimeOffset now)
    {
        var left = endsAt - now;
        if (!isToldLast && left <= LastNotice)
        {
            (isToldFirst, isToldLast) = (true, true);
            agent.Note($"{SecondsLeft(now)} seconds are left of this call. Say goodbye now, in your role and in one sentence.", answer: true);
        }
        else if (!isToldFirst && left <= FirstNotice && endsAt - startedAt > ShortCall)
        {
            isToldFirst = true;
            agent.Note($"{SecondsLeft(now)} seconds are left of this call. Come to an end politely, in your role.", answer: false);
        }
    }

    // Silence is what the model's ear and the agent's voice leave over; frames come all the time.
    private void MindSilence(DateTimeOffset now)
    {
        if (!IsQuiet || !hasSpoken || parting is not null || isToldLast)
        {
            quietSince = now;
        }
        else if (now - quietSince >= LongSilence)
        {
            quietSince = now;
            if (questions++ < MostQuestions)
            {
                agent.Note("The caller has been silent for a while. Ask in a few words whether they are still there.", answer: true);
            }
            else
            {
                Plan(Parting.Silence);
                agent.Note("The caller is still silent. Say goodbye in one sentence.", answer: true);
            }
        }
    }

    // The last word but three, and not one that is only spoken about.
    [GeneratedRegex(@"(?<!\b(say|says|said|saying) )\b(good ?-?bye|bye|farewell|auf wiedersehen|tschüss|au revoir|adi[oó]s|arrivederci)\b[\s,.!]*(\w+[\s,.!]*){0,3}$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Goodbye();
}
