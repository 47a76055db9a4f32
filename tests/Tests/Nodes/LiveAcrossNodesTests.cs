using System.Net;
using Soak;
using Tests.Chat;
using Tests.Identity;
using Tests.Realtime;
using Tests.World;
using Xunit;

namespace Tests.Nodes;

public sealed class LiveAcrossNodesTests
{
    [Fact]
    public async Task An_answer_is_shown_on_the_other_node_while_it_is_written()
    {
        // The first node answers messages, so that the readers' node never has the text itself.
        await using var nodes = await TwoNodes.Start(await RedisServer.Address);
        var world = nodes.World;
        await using var reading = await NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress, new()
        {
            ["RUN_JOBS"] = "false",
            ["REDIS_URL"] = await RedisServer.Address,
            ["REDIS_PREFIX"] = nodes.Prefix,
            ["STRIPE_SYNC_CATALOGUE"] = "false",
            ["SANDBOX_SMTP_PORT"] = "0",
        });
        var token = await nodes.First.SignedIn();
        var room = await nodes.First.CreateRoom(token);
        await world.Script(new { chunks = new[] { "One, ", "two, ", "three." }, pause_after = new[] { 1, 2 } });
        using var reader = await Connect(reading.Client, token, room);

        var message = await nodes.First.Post(token, room, "Count!");
        var asked = await reader.Next();
        Assert.Equal(("message", message), (asked!.Type, asked.Data.GetProperty("message").GetProperty("id").GetInt64()));
        Assert.Equal((0, "One, ", message, room), Delta(await reader.Next()));

        // Who comes later sees it from its beginning, wherever; the first reader of a node has to ask for it.
        using (var here = await Connect(reading.Client, token, room, $"{asked.Id}"))
        using (var there = await Connect(nodes.Second, token, room, $"{asked.Id}"))
        {
            Assert.Equal((0, "One, ", message, room), Delta(await here.Next()));
            Assert.Equal((0, "One, ", message, room), Delta(await there.Next()));
        }

        await world.Control("/_sandbox/gemini/release", new { });
        Assert.Equal((5, "two, ", message, room), Delta(await reader.Next()));
        await world.Control("/_sandbox/gemini/release", new { });
        var last = await reader.Next();
        if (last!.Type == "reply_delta")
        {
            Assert.Equal((10, "three.", message, room), Delta(last));
            last = await reader.Next();
        }

        Assert.Equal(("message", "One, two, three."), (last!.Type, last.Data.GetProperty("message").Text("content")));
    }

    [Fact]
    public async Task A_text_goes_on_after_Redis_was_away_and_the_end_has_all_of_it()
    {
        await using var redis = ShellServer.Redis();
        await redis.Start();
        await using var nodes = await TwoNodes.Start(redis.RedisUrl);
        var (world, token) = (nodes.World, await nodes.First.SignedIn());
        var room = await nodes.First.CreateRoom(token);
        await world.Script(new { chunks = new[] { "One, ", "two, ", "three." }, pause_after = new[] { 1, 2 } });
        using var first = await Connect(nodes.First, token, room);
        using var second = await Connect(nodes.Second, token, room);
        await nodes.First.Post(token, room, "Count!");
        foreach (var reader in new[] { first, second })
        {
            Assert.Equal("message", (await reader.Next())!.Type);
            Assert.Equal("One, ", (await reader.Next())!.Data.Text("text"));
        }

        await redis.Kill();
        await nodes.AreThere(false);
        await world.Control("/_sandbox/gemini/release", new { });
        await redis.Start();
        await nodes.AreThere();
        await world.Control("/_sandbox/gemini/release", new { });
        foreach (var reader in new[] { first, second })
        {
            var next = await reader.Next();
            while (next!.Type == "reply_delta")
            {
                next = await reader.Next();
            }

            Assert.Equal("One, two, three.", next.Data.GetProperty("message").Text("content"));
        }
    }

    [Fact]
    public async Task Who_signs_out_on_one_node_is_signed_out_on_the_other_at_once()
    {
        await using var nodes = await TwoNodes.Start(await RedisServer.Address);
        var pair = await nodes.First.SignUp("ada@example.com");
        Assert.Equal(HttpStatusCode.OK, await nodes.Second.Knock(pair.Access));
        using var stream = await EventReader.Open(nodes.Second, token: pair.Access);
        Assert.Equal("connected", (await stream.Next())!.Type);
        using var answer = await nodes.First.LogOut(pair.Access);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("session_ended", (await stream.Next())!.Type);
        await TestWorld.Until(async () => await nodes.Second.Knock(pair.Access) == HttpStatusCode.Unauthorized, "the token opens nothing any more");
        // Its own half minute has not passed.
        Assert.Equal(HttpStatusCode.Unauthorized, await nodes.Second.Knock(pair.Access));
    }

    private static async Task<EventReader> Connect(HttpClient node, string token, long room, string? lastEventId = null)
    {
        var reader = await EventReader.Open(node, lastEventId, $"/chatroom/{room}/events", token);
        Assert.Equal("connected", (await reader.Next())!.Type);
        return reader;
    }

    private static (int Offset, string Text, long Answers, long Room) Delta(LiveEvent? one)
    {
        Assert.Equal("reply_delta", one!.Type);
        return (one.Data.GetProperty("offset").GetInt32(), one.Data.Text("text")!, one.Data.GetProperty("answers").GetInt64(), one.Data.GetProperty("room_id").GetInt64());
    }
}
