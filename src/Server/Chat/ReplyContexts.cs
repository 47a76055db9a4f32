using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Chat;

/// <summary>A room of an account.</summary>
internal readonly record struct RoomKey(AccountId Account, long Room);

/// <summary>What is needed to answer a message.</summary>
/// <param name="Turns">The room's last messages up to it, as the model is told them.</param>
/// <param name="Leave">Null where no allowance was taken for it.</param>
internal sealed record ReplyContext(string Pays, IReadOnlyList<ChatTurn> Turns, AllowanceAuthorization? Leave)
{
    public bool IsAnswered { get; init; }
}

/// <summary>Reads what answers are made from: whatever is asked at the same time shares one look at the database.</summary>
internal sealed class ReplyContexts
{
    private readonly Database database;
    private readonly GroupRead<MessagePosted, ReplyContext> replies;
    private readonly GroupRead<RoomKey, string> rooms;

    public ReplyContexts(Database database)
    {
        this.database = database;
        replies = new GroupRead<MessagePosted, ReplyContext>(database, Read);
        rooms = new GroupRead<RoomKey, string>(database, Rooms);
    }

    /// <summary>What the room's messages are paid with; null when the account has no such room.</summary>
    public ValueTask<string?> PaysIn(AccountId account, long room, CancellationToken stop) => rooms.Read(new RoomKey(account, room), stop);

    /// <summary>Null when the message is gone, with its room.</summary>
    public ValueTask<ReplyContext?> Of(MessagePosted posted, CancellationToken stop) => replies.Read(posted, stop);

    /// <summary>What the model would be told after this content.</summary>
    public async Task<ChatOrder> Next(AccountId account, long room, string content, string model, CancellationToken stop)
    {
        var before = await database.Read(async session => await AskHistory(session, [new Asked(account, room, long.MaxValue)]).Rows(stop), stop);
        return new ChatOrder(model, Conversation.Turns([.. before, new MessageRow { Sender = Sender.User, Content = content, Id = long.MaxValue }], long.MaxValue));
    }

    /// <summary>Asks which of these rooms there are, with what else is asked.</summary>
    public static Question<ChatroomRow> AskRooms(Session session, IEnumerable<RoomKey> keys) => session.Ask<ChatroomRow, RoomKey>(
        $$"""
        SELECT {{ChatroomRow.Columns}} FROM {rows} CROSS JOIN chatrooms c WHERE c.account_id = r.account AND c.id = r.room
        """,
        [.. keys.Distinct()]);

    private static async Task<IReadOnlyDictionary<RoomKey, string>> Rooms(Session session, IReadOnlyList<RoomKey> keys, CancellationToken stop) =>
        (await AskRooms(session, keys).Answers(stop)).ToDictionary(row => row.Key, row => row.Pays);

    private static async Task<IReadOnlyDictionary<MessagePosted, ReplyContext>> Read(Session session, IReadOnlyList<MessagePosted> posted, CancellationToken stop)
    {
        var asked = AskHistory(session, [.. posted.Select(one => new Asked(one.Account, one.Room, one.Message))]);
        // The history comes with it.
        var leaves = await Meter.Resume(session, [.. posted.Select(one => new AllowanceUse(one.Account, Plans.Want.ChatMessage, one.Key, TimeSpan.Zero))], stop);
        var history = (await asked.Rows(stop)).ToLookup(row => new RoomKey(row.AccountId, row.RoomId));
        Dictionary<MessagePosted, ReplyContext> contexts = [];
        foreach (var one in posted)
        {
            List<MessageRow> messages = [.. history[new RoomKey(one.Account, one.Room)].DistinctBy(row => row.Id)];
            if (messages.Find(row => row.Id == one.Message) is { Pays: { } pays })
            {
                contexts[one] = new ReplyContext(pays, Conversation.Turns(messages, one.Message), leaves.GetValueOrDefault(one.Key))
                {
                    IsAnswered = messages.Exists(row => row.Answers == one.Message),
                };
            }
        }

        return contexts;
    }

    // The people's last messages up to that one, and their answers, whenever those were written.
    private static AskedHistory AskHistory(Session session, IReadOnlyList<Asked> asked)
    {
        const string Columns = "m.account_id, m.room_id, m.id, m.sender, m.content, m.pays, m.answers, m.failure, m.created_at";
        // The order makes PostgreSQL look for the first one once: it is asked about each message of the room otherwise.
        const string Spans =
            """
            (SELECT r.account AS account, r.room AS room, r.message AS message, COALESCE((
                SELECT o.id FROM chat_messages o WHERE o.account_id = r.account AND o.room_id = r.room AND o.id <= r.message AND o.sender = 'user'
                ORDER BY o.id DESC LIMIT 1 OFFSET 10), 0) AS first
            FROM {rows} ORDER BY r.message)
            """;
        var questions = session.Ask<MessageRow, Asked>(
            $$"""
            SELECT {{Columns}} FROM {{Spans}} s CROSS JOIN chat_messages m
            WHERE m.account_id = s.account AND m.room_id = s.room AND m.id >= s.first AND m.id <= s.message AND m.sender = 'user'
            """,
            asked);
        var answers = session.Ask<MessageRow, Asked>(
            $$"""
            SELECT {{Columns}} FROM {{Spans}} s CROSS JOIN chat_messages m
            WHERE m.account_id = s.account AND m.room_id = s.room AND m.answers >= s.first AND m.answers <= s.message
            """,
            asked);
        return new AskedHistory(questions, answers);
    }

    private sealed record AskedHistory(Question<MessageRow> Questions, Question<MessageRow> Answers)
    {
        public async Task<IReadOnlyList<MessageRow>> Rows(CancellationToken stop) => [.. await Questions.Answers(stop), .. await Answers.Answers(stop)];
    }

    private readonly record struct Asked(AccountId Account, long Room, long Message);
}
