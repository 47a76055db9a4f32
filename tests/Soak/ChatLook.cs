using System.Globalization;
using System.Text.Json;
using Ledgerline.Persistence;

namespace Soak;

/// <summary>Holds the messages that were acknowledged against what stands in the database: each once, each answered once, each counted once.</summary>
/// <param name="wrong">Is told what is wrong, a sentence each.</param>
internal sealed class ChatLook(Database database, int limit, IReadOnlyList<Accepted> accepted, IReadOnlyList<string> refused, Action<string> wrong)
{
    public async Task Run(TimeSpan patience)
    {
        await WaitForJobs(patience);
        var stored = await database.Read(session => session.List<Stored>("SELECT account_id, room_id, id, sender, content, answers, failure FROM chat_messages"));
        Messages(stored);
        Answers(stored);
        await Counters();
        await Records(stored);
    }

    private async Task WaitForJobs(TimeSpan patience)
    {
        var asked = TimeProvider.System.GetTimestamp();
        while (await database.Read(session => session.One<long>("SELECT COUNT(*) FROM jobs WHERE pool <> ''")) is > 0 and var left)
        {
            if (TimeProvider.System.GetElapsedTime(asked) > patience)
            {
                wrong($"{left} answers are still to be given.");
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        if (await database.Read(session => session.One<long>("SELECT COUNT(*) FROM jobs WHERE status = 'failed'")) is > 0 and var failed)
        {
            wrong($"{failed} jobs failed.");
        }
    }

    private void Messages(IReadOnlyList<Stored> stored)
    {
        var questions = stored.Where(row => row.Sender == "user").ToLookup(row => (row.RoomId, row.Content));
        foreach (var one in accepted)
        {
            if (!questions[(one.Room.Id, one.Content)].Select(row => row.Id).SequenceEqual([one.Id]))
            {
                wrong($"{one.Content} was acknowledged as {one.Id} and is there as [{string.Join(", ", questions[(one.Room.Id, one.Content)].Select(row => row.Id))}].");
            }
        }

        var said = accepted.Select(one => one.Content).ToHashSet();
        Each(questions.SelectMany(group => group).Where(row => !said.Contains(row.Content)), row => $"{row.Content} was never acknowledged and is there.");
        var contents = stored.Select(row => row.Content).ToHashSet();
        Each(refused.Where(contents.Contains), content => $"{content} was refused and is there.");
        foreach (var room in accepted.GroupBy(one => one.Room.Id))
        {
            // One hand writes in a room, one message after another.
            Each(room.Zip(room.Skip(1)).Where(two => two.First.Id >= two.Second.Id), two => $"{two.Second.Content} has the id {two.Second.Id}, and the one before it {two.First.Id}.");
        }
    }

    private void Answers(IReadOnlyList<Stored> stored)
    {
        var answers = stored.Where(row => row.Answers is not null).ToLookup(row => (row.RoomId, row.Answers!.Value));
        foreach (var question in stored.Where(row => row.Sender == "user"))
        {
            List<Stored> given = [.. answers[(question.RoomId, question.Id)]];
            if (given is not [{ Failure: null } one] || one.Id <= question.Id || !one.Content.EndsWith(question.Content, StringComparison.Ordinal))
            {
                wrong($"{question.Content} ({question.Id}) has the answers [{string.Join(", ", given.Select(row => $"{row.Id}: {row.Content} {row.Failure}"))}].");
            }
        }

        foreach (var room in stored.Where(row => row.Answers is not null).GroupBy(row => row.RoomId))
        {
            List<Stored> inOrder = [.. room.OrderBy(row => row.Id)];
            Each(inOrder.Zip(inOrder.Skip(1)).Where(two => two.First.Answers >= two.Second.Answers), two => $"In room {room.Key} {two.Second.Answers} is answered after {two.First.Answers}.");
        }
    }

    private async Task Counters()
    {
        Each(
            await database.Read(session => session.List<(string, long)>("SELECT account_id, waiting FROM chat_accounts WHERE waiting <> 0")),
            row => $"Account {row.Item1} is said to have {row.Item2} unanswered messages.");
        var used = (await database.Read(session => session.List<(string Account, long Used)>(
            "SELECT account_id, CAST(SUM(used) AS bigint) FROM quota_uses WHERE quota = 'chat_messages' GROUP BY account_id"))).ToDictionary(row => row.Account, row => row.Used);
        var reserved = (await database.Read(session => session.List<(string Account, string State, long Count)>(
            "SELECT account_id, state, COUNT(*) FROM reservations WHERE service = 'chat_message' GROUP BY account_id, state"))).ToLookup(row => row.Account);
        foreach (var account in accepted.GroupBy(one => one.Room.Account))
        {
            var kind = account.First().Room.Kind;
            var counted = kind == RoomKind.Credits ? 0 : account.Count();
            if (used.GetValueOrDefault(account.Key) != counted || !reserved[account.Key].Select(row => (row.State, row.Count)).SequenceEqual(counted == 0 ? [] : [("completed", counted)]))
            {
                wrong($"Account {account.Key} had {counted} messages out of its allowance; {used.GetValueOrDefault(account.Key)} are counted and [{string.Join(", ", reserved[account.Key])}] reserved.");
            }

            if (kind == RoomKind.Limited && account.Count() > limit)
            {
                wrong($"Account {account.Key} had {account.Count()} messages on a limit of {limit}.");
            }
        }

    }

    private async Task Records(IReadOnlyList<Stored> stored)
    {
        var records = (await database.Read(session => session.List<(string Account, string Metadata, string Funding)>(
                "SELECT account_id, metadata, funding FROM usage_records WHERE action = 'chat_message'")))
            .Select(row => (row.Account, Message: JsonDocument.Parse(row.Metadata).RootElement.GetProperty("message_id").GetInt64(), row.Funding)).ToList();
        var times = records.ToLookup(record => (record.Account, record.Message));
        var credits = accepted.Where(one => one.Room.Kind == RoomKind.Credits).Select(one => one.Room.Account).ToHashSet();
        foreach (var question in stored.Where(row => row.Sender == "user"))
        {
            var funding = credits.Contains(question.AccountId) ? "credits" : "allowance";
            if (!times[(question.AccountId, question.Id)].Select(record => record.Funding).SequenceEqual([funding]))
            {
                wrong(string.Create(CultureInfo.InvariantCulture, $"{question.Content} has {times[(question.AccountId, question.Id)].Count()} usage records."));
            }
        }

        if (records.Count != stored.Count(row => row.Sender == "user"))
        {
            wrong($"There are {records.Count} usage records for {stored.Count(row => row.Sender == "user")} messages.");
        }
    }

    private void Each<T>(IEnumerable<T> found, Func<T, string> sentence)
    {
        foreach (var one in found)
        {
            wrong(sentence(one));
        }
    }

    private sealed class Stored
    {
        public required string AccountId { get; init; }
        public long RoomId { get; init; }
        public long Id { get; init; }
        public required string Sender { get; init; }
        public required string Content { get; init; }
        public long? Answers { get; init; }
        public string? Failure { get; init; }
    }
}
