using System.Collections.Concurrent;
using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>
/// The agent's side of a call: one session with the model after another. The first is opened when the call's token was good; a lost one is
/// replaced, and one that comes to its provider's limit is relieved between two turns, without the person hearing it.
/// </summary>
internal sealed class AgentLine(BridgeOrder order, TimeProvider clock, ILogger log)
{
    // A provider ends a session after an hour.
    private static readonly TimeSpan RelievedAfter = TimeSpan.FromMinutes(55);
    private static readonly TimeSpan RelievedAtTheLatest = TimeSpan.FromMinutes(58);
    private static readonly TimeSpan BetweenReliefs = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, IVoiceSession> askedBy = new();
    private readonly SessionOpening opening = new(order, clock, log);
    private readonly Lock gate = new();
    private readonly CallerBacklog backlog = new();
    private readonly CallMemory memory = new();
    private IVoiceSession? session;
    private IVoiceSession? relief;
    private int reliefKnows;
    private DateTimeOffset relievedNext;
    private DateTimeOffset openedAt;
    private bool isRelieving;
    private bool wasOpen;
    private bool isOver;
    private long dropped;

    public int Reconnects { get; private set; }

    /// <summary>Pieces of audio that no session heard.</summary>
    public long Dropped => Interlocked.Read(ref dropped) + backlog.Dropped + (Volatile.Read(ref session)?.Dropped ?? 0);

    public CallMemory Memory => memory;

    /// <summary>The person's voice. Only the phone's loop calls it, and it never waits.</summary>
    public void Hear(ReadOnlySpan<byte> base64, int bytes)
    {
        if (Volatile.Read(ref session) is { } open)
        {
            open.Append(base64);
            return;
        }

        lock (gate)
        {
            if (session is { } now)
            {
                now.Append(base64);
            }
            else if (wasOpen || isOver)
            {
                dropped++;
            }
            else
            {
                backlog.Add(base64, bytes);
            }
        }
    }

    public void Note(string text, bool answer) => Volatile.Read(ref session)?.Note(text, answer);

    public void Ask(string text) => Volatile.Read(ref session)?.Ask(text);

    public void Truncate(string item, long playedMs) => Volatile.Read(ref session)?.Truncate(item, playedMs);

    public void Discard() => Volatile.Read(ref session)?.Discard();

    /// <summary>What a tool came to. A session that has not asked for it is told in other words.</summary>
    public void Result(ToolCall call, string output, bool answer = true)
    {
        if (Volatile.Read(ref session) is not { } open)
        {
            return;
        }

        if (askedBy.TryGetValue(call.Id, out var asker) && asker != open)
        {
            open.Note($"{call.Name}, which was called before, has answered: {output}", answer);
        }
        else
        {
            open.Result(call.Id, output, answer);
        }
    }

    /// <summary>Remembers which session asks.</summary>
    public void Asked(ToolCall call)
    {
        if (Volatile.Read(ref session) is { } open)
        {
            askedBy[call.Id] = open;
        }
    }

    /// <summary>Until the agent cannot go on; answers the reason, one of <see cref="BridgeEnd"/>.</summary>
    public async Task<string> Run(Func<IVoiceSession, IVoiceListener> earsFor, CancellationToken stop)
    {
        var next = await opening.First(stop);
        var isRelief = false;
        while (next is not null)
        {
            await using var current = next;
            if (!Publish(current, !wasOpen, isRelief))
            {
                return BridgeEnd.ModelLost;
            }

            var end = await current.Run(earsFor(current));
            next = Relieved();
            isRelief = next is not null;
            Leave(current, isRelief);
            if (isRelief)
            {
                continue;
            }

            if (stop.IsCancellationRequested || end.Reason is VoiceEnd.Closed)
            {
                return BridgeEnd.ModelLost;
            }

            log.LogWarning("Call {CallId}: the session with the model ended ({Reason}): {What}", order.CallId, end.Reason, end.What);
            if (end.Reason is VoiceEnd.Silent or VoiceEnd.Refused)
            {
                return BridgeEnd.ModelLost;
            }

            next = await opening.Again(memory.Summary(), stop);
            Reconnects += next is null ? 0 : 1;
        }

        return wasOpen ? BridgeEnd.ModelLost : BridgeEnd.ModelUnreachable;
    }

    /// <summary>No session is used any more, and those that are open end.</summary>
    public async Task Close()
    {
        IVoiceSession? open, other;
        lock (gate)
        {
            (isOver, open, other) = (true, session, relief);
            relief = null;
        }

        if (open is not null)
        {
            await open.DisposeAsync();
        }

        if (other is not null)
        {
            await other.DisposeAsync();
        }
    }

    /// <summary>Once a second.</summary>
    /// <param name="isQuiet">Nobody speaks, and nobody is about to.</param>
    public void Tick(DateTimeOffset now, bool isQuiet, CancellationToken stop)
    {
        IVoiceSession? relieved = null;
        lock (gate)
        {
            if (session is null || isOver || now - openedAt < RelievedAfter || now < relievedNext && relief is null)
            {
                return;
            }

            if (!isRelieving)
            {
                isRelieving = true;
                _ = Relieve(stop);
            }
            else if (relief is not null && (isQuiet || now - openedAt > RelievedAtTheLatest))
            {
                relieved = session;
            }
        }

        // Its end lets the loop go on with the next one.
        if (relieved is not null)
        {
            _ = relieved.DisposeAsync().AsTask();
        }
    }

    private async Task Relieve(CancellationToken stop)
    {
        var told = memory.Count;
        var next = await opening.Relief(memory.Summary(), stop);
        lock (gate)
        {
            if (!isOver)
            {
                (relief, reliefKnows, isRelieving, relievedNext) = (next, told, next is not null, clock.GetUtcNow() + BetweenReliefs);
                return;
            }
        }

        if (next is not null)
        {
            await next.DisposeAsync();
        }
    }

    // What the phone says until the next session is there is lost, except when that one is there already.
    private void Leave(IVoiceSession old, bool isRelief)
    {
        lock (gate)
        {
            dropped += old.Dropped;
            Volatile.Write(ref session, isRelief ? session : null);
        }
    }

    private IVoiceSession? Relieved()
    {
        lock (gate)
        {
            var next = isOver ? null : relief;
            if (next is not null)
            {
                relief = null;
                if (memory.Summary(reliefKnows) is { } since)
                {
                    next.Note(since);
                }
            }

            return next;
        }
    }

    // False: the call has ended meanwhile.
    private bool Publish(IVoiceSession next, bool isFirst, bool isRelief)
    {
        lock (gate)
        {
            if (isOver)
            {
                return false;
            }

            // In this order: the greeting first, then what the person said while the line to the model was made.
            if (isFirst)
            {
                next.Ask(order.Greeting);
                backlog.Drain(next);
            }
            else if (!isRelief)
            {
                next.Note("The line to you was interrupted for a moment. Go on where you were, and do not greet again.", answer: true);
            }

            (wasOpen, isRelieving, openedAt) = (true, false, clock.GetUtcNow());
            Volatile.Write(ref session, next);
            return true;
        }
    }
}
