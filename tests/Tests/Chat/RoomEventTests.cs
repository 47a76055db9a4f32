using Tests.Identity;
using Tests.Persistence;
using Tests.Realtime;
using Tests.World;
using Xunit;

namespace Tests.Chat;

public class RoomEventTests
{
    [Theory, EveryDatabase]
    public async Task An_answer_is_shown_as_it_is_written_and_a_reader_who_comes_back_misses_nothing(string engine)
    {
        await using var world = await Rooms.World(engine);
        var token = await world.Client.SignedIn();
        var (room, other) = (await world.Client.CreateRoom(token), await world.Client.CreateRoom(token, "Other"));
        await world.Script(new { chunks = new[] { "One, ", "two, ", "three." }, pause_after = new[] { 1, 2 } });
        using var reader = await Connect(world, token, room);

        var message = await world.Client.Post(token, room, "Count!");
        var asked = await reader.Next();
        Assert.Equal(("message", "user", message), (asked!.Type, asked.Data.GetProperty("message").Text("sender"), asked.Data.GetProperty("message").GetProperty("id").GetInt64()));
        Assert.Equal((0, "One, ", message), Delta(await reader.Next()));

        // Somebody who looks now sees it from its beginning.
        using (var late = await Connect(world, token, room, $"{asked.Id}"))
        {
            Assert.Equal((0, "One, ", message), Delta(await late.Next()));
        }

        await world.Control("/_sandbox/gemini/release", new { });
        Assert.Equal((5, "two, ", message), Delta(await reader.Next()));
        await world.Control("/_sandbox/gemini/release", new { });
        var next = await reader.Next();
        if (next!.Type == "reply_delta")
        {
            Assert.Equal((10, "three.", message), Delta(next));
            next = await reader.Next();
        }

        Assert.Equal(("message", "One, two, three."), (next!.Type, next.Data.GetProperty("message").Text("content")));
        Assert.Equal(message, next.Data.GetProperty("message").GetProperty("answers").GetInt64());

        // Of the other room nothing is shown here; what was missed comes first.
        await world.Client.Post(token, other, "Elsewhere");
        await world.Client.Until(token, other, 2);
        using var back = await Connect(world, token, room, $"{asked.Id}");
        Assert.Equal(next.Id, (await back.Next())!.Id);
        await world.Client.Post(token, room, "Again");
        Assert.Equal("Again", (await back.Next())!.Data.GetProperty("message").Text("content"));
    }

    [Fact]
    public async Task A_reader_of_another_node_sees_the_answer_too()
    {
        await using var world = await Rooms.World("postgres");
        var second = await world.StartNode();
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token);
        using var reader = await EventReader.Open(second, path: $"/chatroom/{room}/events", token: token);
        Assert.Equal("connected", (await reader.Next())!.Type);
        await world.Client.Post(token, room, "Hello");
        await TestWorld.Until(async () => (await world.Client.Read(token, room)).Count == 2, "it is answered");
        world.Clock.Advance(TimeSpan.FromSeconds(1));
        List<LiveEvent> shown = [];
        while (shown.Count(one => one.Type == "message") < 2)
        {
            shown.Add((await reader.Next())!);
        }

        Assert.Equal(["user", "bot"], shown.Where(one => one.Type == "message").Select(one => one.Data.GetProperty("message").Text("sender")));
    }

    [Fact]
    public async Task A_reader_has_what_is_about_another_room_though_it_is_not_shown()
    {
        await using var world = await Rooms.World("postgres");
        var second = await world.StartNode();
        var token = await world.Client.SignedIn();
        var (room, other) = (await world.Client.CreateRoom(token), await world.Client.CreateRoom(token, "Other"));
        using var reader = await EventReader.Open(second, path: $"/chatroom/{room}/events", token: token);
        Assert.Equal("connected", (await reader.Next())!.Type);
        await world.Client.Post(token, other, "Elsewhere");
        await world.Client.Until(token, other, 2);
        var last = await world.Database.Read(session => session.One<long>("SELECT MAX(last_id) FROM event_streams"));

        LiveEvent? shown = null;
        for (var looks = 0; looks < 10 && shown?.Id != last; looks++)
        {
            world.Clock.Advance(TimeSpan.FromSeconds(16));
            shown = await reader.Next();
            Assert.Equal("ping", shown!.Type);
        }

        Assert.Equal(last, shown!.Id);
    }

    private static async Task<EventReader> Connect(TestWorld world, string token, long room, string? lastEventId = null)
    {
        var reader = await EventReader.Open(world.Client, lastEventId, $"/chatroom/{room}/events", token);
        Assert.Equal("connected", (await reader.Next())!.Type);
        return reader;
    }

    private static (int Offset, string Text, long Answers) Delta(LiveEvent? one)
    {
        Assert.Equal("reply_delta", one!.Type);
        return (one.Data.GetProperty("offset").GetInt32(), one.Data.Text("text")!, one.Data.GetProperty("answers").GetInt64());
    }
}
