using Ledgerline.Ai;
using Ledgerline.Gateway;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Realtime;
using Ledgerline.Usage;
using Ledgerline.Usage.Recorded;

namespace Ledgerline.Chat;

/// <summary>The answer to a message, ready to be written.</summary>
/// <param name="Failure">Why it is only our apology; null where it is a real one.</param>
internal sealed record Reply(MessagePosted To, JobAttempt Attempt, string Text, string? Failure = null)
{
    /// <summary>What an allowance paid for; null where credits did, or nothing was used.</summary>
    public TokenUsage? Free { get; init; }

    public string Model { get; init; } = "";

    /// <summary>It is billed by the message.</summary>
    public bool IsByUse { get; init; }

    /// <summary>By whose prices: those by which the message was accepted.</summary>
    public PlanTerms? Terms { get; init; }
}

/// <summary>Writes answers, each once: with the end of its job, its usage record and its live event in one transaction.</summary>
internal sealed class Replies
{
    private readonly Meter meter;
    private readonly ServiceUsage usage;
    private readonly Channels channels;
    private readonly TimeProvider clock;
    private readonly GroupCommit<Reply> writing;

    public Replies(Database database, Meter meter, ServiceUsage usage, Channels channels, TimeProvider clock)
    {
        (this.meter, this.usage, this.channels, this.clock) = (meter, usage, channels, clock);
        writing = new GroupCommit<Reply>(database, reply => reply.To.Account.ToString(), (transaction, replies) => Write(transaction, replies));
    }

    /// <summary>Those that are ready at the same time share a transaction.</summary>
    public Task Write(Reply reply) => writing.Write(reply, CancellationToken.None);

    /// <summary>
    /// With the caller's transaction, such as the one that charges for it: right before its commit and together with all others, so that
    /// the accounts are locked in their order.
    /// </summary>
    public void WriteWith(Transaction transaction, Reply reply) => transaction.Gather(reply, WriteAll);

    private Task WriteAll(Transaction transaction, IReadOnlyList<Reply> replies, CancellationToken stop) => Write(transaction, replies);

    private async Task Write(Transaction transaction, IReadOnlyList<Reply> replies)
    {
        var now = clock.GetUtcNow();
        var locks = ChatAccounts.Ask(transaction, replies.Select(reply => reply.To.Account));
        // Read once they are locked, in the same look.
        var open = (await transaction.ListFor<OpenRow, Asked>(
            """
            SELECT m.account_id, m.room_id, m.id FROM {rows} CROSS JOIN chat_messages m
            WHERE m.account_id = r.account AND m.room_id = r.room AND m.id = r.message AND NOT EXISTS (
                SELECT 1 FROM chat_messages a WHERE a.account_id = m.account_id AND a.room_id = m.room_id AND a.answers = m.id)
            """,
            [.. replies.Select(reply => new Asked(reply.To.Account, reply.To.Room, reply.To.Message)).Distinct()],
            CancellationToken.None)).Select(row => new Asked(row.AccountId, row.RoomId, row.Id)).ToHashSet();
        var accounts = await ChatAccounts.Lock(transaction, locks, CancellationToken.None);
        foreach (var reply in replies)
        {
            reply.Attempt.Done(transaction);
            if (reply.Free is { } used)
            {
                // The provider was asked, whatever became of the room meanwhile.
                meter.RecordFree(transaction, reply.To.Account, ReplyToMessage.Action, reply.Model, reply.To.Key, used,
                    new { room_id = reply.To.Room, message_id = reply.To.Message }, reply.Failure ?? UseEnd.Done);
            }

            if (open.Remove(new Asked(reply.To.Account, reply.To.Room, reply.To.Message)))
            {
                if (reply is { IsByUse: true, Failure: null })
                {
                    usage.RecordOnce(transaction, new NewServiceUse(reply.To.Account, MeteredService.ChatMessage, 1) { Resource = reply.To.Key, Terms = reply.Terms });
                }

                Store(transaction, reply, accounts[reply.To.Account], now);
            }
        }

        foreach (var account in accounts.Values)
        {
            ChatAccounts.Save(transaction, account);
        }
    }

    private void Store(Transaction transaction, Reply reply, ChatAccount account, DateTimeOffset now)
    {
        var to = reply.To;
        var id = account.NextId(now);
        account.Waiting--;
        transaction.Defer(
            """
            INSERT INTO chat_messages (account_id, room_id, id, sender, content, answers, failure, created_at)
            SELECT r.account, r.room, r.id, 'bot', r.content, r.answers, r.failure, r.now FROM {rows}
            """,
            new Stored(to.Account, to.Room, id, reply.Text, to.Message, reply.Failure, now));
        channels.Publish(
            transaction, to.Account, "message", MessageEvent.Of(to.Room, new MessageShown(id, Sender.Bot, reply.Text, now.Iso(), to.Message)), RoomTopic.Of(to.Room));
    }

    private readonly record struct Asked(AccountId Account, long Room, long Message);

    private readonly record struct Stored(AccountId Account, long Room, long Id, string Content, long Answers, string? Failure, DateTimeOffset Now);

    private sealed class OpenRow
    {
        public AccountId AccountId { get; init; }
        public long RoomId { get; init; }
        public long Id { get; init; }
    }
}
