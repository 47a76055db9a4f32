using System.Net;
using Tests.Identity;
using Tests.Persistence;
using Xunit;

namespace Tests.Chat;

public class ChatTests
{
    [Theory, EveryDatabase]
    public async Task A_message_is_accepted_and_answered_once_with_the_rooms_history(string engine)
    {
        await using var world = await Rooms.World(engine);
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token);

        var first = await world.Client.Post(token, room, "What is a ledger?");
        var said = await world.Client.Until(token, room, 2);
        Assert.Equal((first, "user", "What is a ledger?"), (said[0].Id, said[0].Sender, said[0].Content));
        Assert.Equal(("bot", (long?)first), (said[1].Sender, said[1].Answers));
        Assert.Contains("Turns read: 1. The last one says: What is a ledger?", said[1].Content, StringComparison.Ordinal);

        await world.Client.Post(token, room, "And double entry?");
        said = await world.Client.Until(token, room, 4);
        Assert.Contains("Turns read: 3. The last one says: And double entry?", said[3].Content, StringComparison.Ordinal);
        Assert.Equal(said.OrderBy(one => one.Id), said);
    }

    [Theory, EveryDatabase]
    public async Task Answers_keep_the_order_of_their_messages_and_rooms_do_not_wait_for_each_other(string engine)
    {
        await using var world = await Rooms.World(engine);
        var token = await world.Client.SignedIn();
        await world.MakePro(token);
        var (slow, quick) = (await world.Client.CreateRoom(token, "slow"), await world.Client.CreateRoom(token, "quick"));
        await world.Script(new { when = "slowly", pause_after = new[] { 0 } });

        List<long> ids = [await world.Client.Post(token, slow, "slowly, please")];
        for (var i = 0; i < 4; i++)
        {
            ids.Add(await world.Client.Post(token, slow, $"message {i}"));
        }

        await world.Client.Post(token, quick, "quickly");
        await world.Client.Until(token, quick, 2);
        Assert.Equal(5, (await world.Client.Read(token, slow)).Count);

        await world.Control("/_sandbox/gemini/release", new { });
        var said = await world.Client.Until(token, slow, 10);
        Assert.Equal(ids.Select(id => (long?)id), said.Where(one => one.Sender == "bot").Select(one => one.Answers));
    }

    [Theory, EveryDatabase]
    public async Task Of_forty_messages_at_once_exactly_five_are_accepted_and_counted(string engine)
    {
        // No more than one of those that are refused fits among those that wait: each is told that its day is over, none to come again soon.
        await using var world = await Rooms.World(engine, ("CHAT_MAX_WAITING", "6"));
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => world.Client.Say(token, room, $"message {i}")));

        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.Equal(35, answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests));
        foreach (var refused in answers.Where(answer => answer.StatusCode == HttpStatusCode.TooManyRequests))
        {
            Assert.Equal("Daily message limit exceeded. Upgrade to Pro for unlimited messages.", (await refused.Json()).Text("detail"));
            Assert.True(refused.Headers.RetryAfter?.Delta is { } wait && wait > TimeSpan.Zero && wait <= TimeSpan.FromDays(1));
        }

        var usage = await world.Client.Usage(token);
        Assert.Equal(("basic", 5, 5, 0), (usage.Text("tier"), usage.GetProperty("daily_limit").GetInt32(), usage.GetProperty("used_today").GetInt32(), usage.GetProperty("remaining").GetInt32()));
        await world.Client.Until(token, room, 10);
    }
}
