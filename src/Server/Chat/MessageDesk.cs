using Ledgerline.Ai;
using Ledgerline.Gateway;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Realtime;
using Ledgerline.Usage;

namespace Ledgerline.Chat;

/// <summary>
/// Accepts messages: checked, counted, stored and queued in one transaction, which those share that come at the same time. So exactly
/// as many are accepted as the day has left, on however many nodes.
/// </summary>
internal sealed class MessageDesk
{
    private static readonly TimeSpan HoldLifetime = TimeSpan.FromHours(1);

    private readonly Database database;
    private readonly Meter meter;
    private readonly Outbox outbox;
    private readonly Channels channels;
    private readonly ReplyContexts contexts;
    private readonly ModelCatalog models;
    private readonly ChatOptions options;
    private readonly Ids ids;
    private readonly TimeProvider clock;
    private readonly GroupCommit<NewMessage> posting;

    public MessageDesk(
        Database database, Meter meter, Outbox outbox, Channels channels, ReplyContexts contexts, ModelCatalog models, ChatOptions options, Ids ids, TimeProvider clock)
    {
        (this.database, this.meter, this.outbox, this.channels) = (database, meter, outbox, channels);
        (this.contexts, this.models, this.options, this.ids, this.clock) = (contexts, models, options, ids, clock);
        posting = new GroupCommit<NewMessage>(database, message => message.Account.ToString(), Accept);
    }

    /// <summary>What the answer to a message in a room that is paid with credits may cost at most.</summary>
    public static TokenUse CreditsFor(AccountId account, string key, string model, ChatOrder? order, ChatOptions options) => new(
        account, ReplyToMessage.Action, model, order is null ? 0 : TokenEstimate.Prompt(order, TokenEstimate.AtMost), options.MostTokens, key, HoldLifetime);

    /// <param name="alsoWithin">Runs in the transaction that accepts it, with the message's id.</param>
    public async Task<PostOutcome> Post(AccountId account, long room, string content, Func<Transaction, long, Task>? alsoWithin, CancellationToken stop)
    {
        var message = new NewMessage(account, room, content, $"chat {ids.Text()}", HasCredits: false) { AlsoWithin = alsoWithin };
        await posting.Write(message, stop);
        return message.Outcome is PostOutcome.NeedsCredits ? await PostForCredits(message, stop) : message.Outcome!;
    }

    private async Task<PostOutcome> PostForCredits(NewMessage first, CancellationToken stop)
    {
        var order = await contexts.Next(first.Account, first.Room, first.Content, models.Chat, stop);
        var answer = await meter.Authorize(CreditsFor(first.Account, first.Key, models.Chat, order, options), stop);
        if (answer.Authorization is not { } credits)
        {
            return new PostOutcome.NotPaid(answer);
        }

        var message = first with { HasCredits = true, Outcome = null, Tries = 0 };
        try
        {
            await posting.Write(message, stop);
        }
        finally
        {
            if (message is not { Outcome: PostOutcome.Accepted, Pays: RoomPays.Credits })
            {
                await meter.Release(credits);
            }
        }

        return message.Outcome!;
    }

    private async Task Accept(Transaction transaction, IReadOnlyList<NewMessage> messages)
    {
        var now = clock.GetUtcNow();
        // All in one look at the database, the locks first.
        var locks = ChatAccounts.Ask(transaction, messages.Select(message => message.Account));
        var there = ReplyContexts.AskRooms(transaction, messages.Select(message => new RoomKey(message.Account, message.Room)));
        var allowances = meter.Ask(transaction, [.. messages.Select(message => message.Use)]);
        await FindWritten(transaction, [.. messages.Where(message => message.Tries++ > 0)]);
        var accounts = await ChatAccounts.Lock(transaction, locks, CancellationToken.None);
        var rooms = (await there.Answers(CancellationToken.None)).ToDictionary(row => row.Key, row => row.Pays);
        List<NewMessage> able = [];
        foreach (var message in messages.Where(message => message.Outcome is not PostOutcome.Accepted))
        {
            var pays = rooms.GetValueOrDefault(new RoomKey(message.Account, message.Room));
            message.Pays = pays ?? message.Pays;
            message.Outcome = pays is null ? new PostOutcome.NoRoom() : pays == RoomPays.Credits && !message.HasCredits ? new PostOutcome.NeedsCredits() : null;
            if (message.Outcome is null)
            {
                able.Add(message);
            }
        }

        await Admit(transaction, able, accounts.ToDictionary(account => account.Key, account => account.Value.Waiting), allowances);
        foreach (var message in able.Where(message => message.Outcome is null))
        {
            await Store(transaction, message, accounts[message.Account], now);
        }

        foreach (var account in able.Where(message => message.Outcome is PostOutcome.Accepted).Select(message => message.Account).Distinct())
        {
            ChatAccounts.Save(transaction, accounts[account]);
        }
    }

    // A place among those that wait is only for what is paid: one that is not leaves it to the next. What an allowance has
    // refused it refuses to the others of its kind.
    private async Task Admit(Transaction transaction, List<NewMessage> able, Dictionary<AccountId, long> waiting, AskedTakes? asked)
    {
        Dictionary<(AccountId, string), PostOutcome> refused = [];
        HashSet<AccountId> freed = [];
        for (var left = able; left.Count > 0; left = [.. left.Where(message => message.Outcome is PostOutcome.TooManyWaiting && freed.Contains(message.Account))])
        {
            freed.Clear();
            List<NewMessage> taking = [];
            foreach (var message in left)
            {
                message.Outcome = refused.GetValueOrDefault((message.Account, message.Pays))
                    ?? (waiting[message.Account] >= options.MostWaiting ? new PostOutcome.TooManyWaiting() : null);
                if (message.Outcome is null)
                {
                    waiting[message.Account]++;
                    taking.AddRange(message.Pays == RoomPays.Credits ? [] : [message]);
                }
            }

            if (taking.Count == 0)
            {
                continue;
            }

            List<AllowanceUse> uses = [.. taking.Select(message => message.Use)];
            var verdicts = await (asked is null ? meter.Take(transaction, uses, CancellationToken.None) : meter.Take(transaction, uses, asked, CancellationToken.None));
            // What was taken has changed them.
            asked = null;
            foreach (var (message, answer) in taking.Zip(verdicts).Where(one => !one.Second.Verdict.IsAllowed))
            {
                message.Outcome = refused[(message.Account, message.Pays)] =
                    message.Pays == RoomPays.PayAsYouGo ? new PostOutcome.NotByUse(answer.Verdict) : new PostOutcome.UsedUp(answer.Verdict);
                waiting[message.Account]--;
                freed.Add(message.Account);
            }
        }
    }

    // Written by a transaction that was thought to have failed.
    private static async Task FindWritten(Transaction transaction, IReadOnlyList<NewMessage> messages)
    {
        messages.ToList().ForEach(message => message.Outcome = null);
        var written = (await transaction.ListFor<MessageRow, Asked>(
            $$"""
            SELECT {{MessageRow.Columns}}, use_key FROM {rows} CROSS JOIN chat_messages m WHERE m.account_id = r.account AND m.room_id = r.room AND m.use_key = r.wanted
            """,
            [.. messages.Select(message => new Asked(message.Account, message.Room, message.Key))],
            CancellationToken.None)).ToDictionary(row => row.UseKey!, row => row.Id);
        foreach (var message in messages.Where(message => written.ContainsKey(message.Key)))
        {
            message.Outcome = new PostOutcome.Accepted(written[message.Key]);
        }
    }

    private async Task Store(Transaction transaction, NewMessage message, ChatAccount account, DateTimeOffset now)
    {
        var id = account.NextId(now);
        account.Waiting++;
        message.Outcome = new PostOutcome.Accepted(id);
        transaction.Defer(
            """
            INSERT INTO chat_messages (account_id, room_id, id, sender, content, pays, use_key, created_at)
            SELECT r.account, r.room, r.id, 'user', r.content, r.pays, r.use_key, r.now FROM {rows}
            """,
            new Stored(message.Account, message.Room, id, message.Content, message.Pays, message.Key, now));
        await outbox.Publish(transaction, new MessagePosted(message.Account, message.Room, id, message.Key));
        channels.Publish(transaction, message.Account, "message", MessageEvent.Of(message.Room, new MessageShown(id, Sender.User, message.Content, now.Iso(), null)), RoomTopic.Of(message.Room));
        await (message.AlsoWithin?.Invoke(transaction, id) ?? Task.CompletedTask);
    }

    private readonly record struct Stored(AccountId Account, long Room, long Id, string Content, string Pays, string UseKey, DateTimeOffset Now);

    private readonly record struct Asked(AccountId Account, long Room, string Wanted);
}

/// <summary>The live event of a message that is there.</summary>
internal sealed record MessageEvent(long RoomId, MessageShown Message)
{
    public static MessageEvent Of(long room, MessageShown message) => new(room, message);
}
