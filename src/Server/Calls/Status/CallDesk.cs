using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Status;

/// <summary>What the carrier told of a call.</summary>
/// <param name="CallId">Ours, where the address it called had it.</param>
/// <param name="Sequence">Counts the carrier's news of this call; −1 where it does not say.</param>
/// <param name="Fields">All of it, as JSON.</param>
internal sealed record CarrierNews(long? CallId, string CallSid, long Sequence, CallNews News, string Fields);

/// <summary>The door to a call's state: whoever has news of a call brings them here.</summary>
internal sealed class CallDesk(Database database, Outbox outbox, CallNewsDesk live, Meter meter, TimeProvider clock)
{
    /// <summary>
    /// Takes what the carrier told, each of its news once; durable when it answers. News of a call that nobody knows are kept, in case it
    /// becomes known. Answers the call, or null.
    /// </summary>
    public async Task<CallRow?> Hear(CarrierNews told, CancellationToken stop)
    {
        var (before, after) = await database.Write<(CallRow? Before, CallRow? After)>(
            async transaction =>
            {
                var isNew = await transaction.Execute(
                    """
                    INSERT INTO call_events (call_sid, sequence, status, fields, received_at) VALUES (@CallSid, @Sequence, @Status, @Fields, @now)
                    ON CONFLICT (call_sid, sequence, status) DO NOTHING
                    """,
                    new { told.CallSid, told.Sequence, told.News.Status, told.Fields, now = clock.GetUtcNow() },
                    stop) == 1;
                if (await Named(transaction, told.CallId, told.CallSid, stop) is not { } call)
                {
                    return (null, null);
                }

                var known = Adopt(call, told.CallSid, isGuess: told.CallId != call.Id);
                return (call, isNew || known != call ? await Change(transaction, call, _ => CallRules.After(known, told.News), stop) : call);
            },
            stop);
        await Confirm(before, after);
        return after;
    }

    /// <summary>Brings news that are no callback. Answers the call as it is then; null when there is none.</summary>
    public async Task<CallRow?> Change(long id, Func<CallRow, CallRow> change, CancellationToken stop)
    {
        var (before, after) = await database.Write<(CallRow? Before, CallRow? After)>(
            async transaction => await CallBook.Lock(transaction, id, stop) is { } call ? (call, await Change(transaction, call, change, stop)) : (null, null), stop);
        await Confirm(before, after);
        return after;
    }

    /// <summary>The same of the call that the carrier names.</summary>
    /// <param name="id">Ours, of the address that it called.</param>
    public async Task<CallRow?> Change(long? id, string sid, Func<CallRow, CallRow> change, CancellationToken stop)
    {
        var (before, after) = await database.Write<(CallRow? Before, CallRow? After)>(
            async transaction => await Named(transaction, id, sid, stop) is { } call
                ? (call, await Change(transaction, call, one => change(Adopt(one, sid, isGuess: id != one.Id)), stop))
                : (null, null),
            stop);
        await Confirm(before, after);
        return after;
    }

    /// <summary>As <see cref="Change(long, Func{CallRow, CallRow}, CancellationToken)"/>, for a call that this transaction has locked.</summary>
    public async Task<CallRow> Change(Transaction transaction, CallRow call, Func<CallRow, CallRow> change, CancellationToken stop)
    {
        var after = change(call);
        if (after.CallSid is { } sid && call.CallSid is null)
        {
            after = await Early(transaction, after, sid, stop);
        }

        if (after == call)
        {
            return call;
        }

        await CallBook.Save(transaction, after, stop);
        if (after.Status != call.Status)
        {
            live.Status(transaction, after);
        }

        if (after.IsOver && !call.IsOver)
        {
            await outbox.Publish(transaction, new CallEnded(after.AccountId, after.Id), stop: stop);
        }

        return after;
    }

    /// <summary>The carrier's call under this id is this one of ours.</summary>
    /// <param name="isGuess">So it looks; the carrier's own news may say otherwise.</param>
    public CallRow Adopt(CallRow call, string sid, bool isGuess = false) => call.Dialling != Dialled.Placed ? CallRules.Placed(call, sid, clock.GetUtcNow()) with { IsSidGuessed = isGuess }
        : call.CallSid == sid && call.IsSidGuessed && !isGuess ? call with { IsSidGuessed = false }
        : call;

    // A callback may be here before the answer that says under which id: then it waits for it.
    private static async Task<CallRow> Early(Transaction transaction, CallRow call, string sid, CancellationToken stop)
    {
        var told = await transaction.List<StoredNews>(
            "SELECT status, fields, received_at FROM call_events WHERE call_sid = @sid ORDER BY sequence, received_at", new { sid }, stop);
        return told.Aggregate(call, (one, news) => CallRules.After(one, CarrierForm.Read(news.Status, news.Fields, news.ReceivedAt)));
    }

    /// <summary>
    /// The call that news are of. The carrier's id decides: our own counts only where nobody has the carrier's yet, or has it by a look at a
    /// list. So what is told of one call is never written to another.
    /// </summary>
    /// <param name="id">Ours, of the address that was called.</param>
    private async Task<CallRow?> Named(Transaction transaction, long? id, string sid, CancellationToken stop)
    {
        var named = await CallBook.LockBySid(transaction, sid, stop);
        if (id is not { } own || named?.Id == own || named is { IsSidGuessed: false } or { IsOver: true }
            || await CallBook.Lock(transaction, own, stop) is not { } call || (call.CallSid ?? sid) != sid)
        {
            return named;
        }

        if (named is not null)
        {
            // It was taken for another one than it is, and that one is looked for again.
            await CallBook.Save(transaction, CallRules.Mistaken(named, clock.GetUtcNow()), stop);
        }

        return call;
    }

    // What the carrier has is not given back by the sweeper any more.
    private async Task Confirm(CallRow? before, CallRow? after)
    {
        if (after is { Dialling: Dialled.Placed, IsOver: false } && before?.Dialling != Dialled.Placed)
        {
            await meter.Confirm(after.AccountId, after.UseKey);
        }
    }

    private sealed class StoredNews
    {
        public required string Status { get; init; }
        public required string Fields { get; init; }
        public DateTimeOffset ReceivedAt { get; init; }
    }
}
