using System.Net;
using Ledgerline.Chat;
using Tests.Identity;
using Tests.Persistence;
using Tests.Realtime;
using Tests.World;
using Xunit;

namespace Tests.Chat;

/// <summary>The proofs of the chat product by their numbers: what is decided, stored, answered and shown.</summary>
public class ChatProofTests
{
    [Fact]
    public async Task Proof_21_of_forty_messages_over_two_nodes_on_a_limit_of_five_five_are_accepted_and_with_Pro_all_are_counted()
    {
        await using var nodes = await ChatNodes.Start();
        var token = await nodes.First.Client.SignedIn();
        var room = await nodes.First.Client.CreateRoom(token);

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => nodes.Either(i).Say(token, room, $"message {i}")));

        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.OK));
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer =>
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
            Assert.InRange(answer.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1));
        });
        Assert.Equal(5, (await nodes.Second.Client.Usage(token)).GetProperty("used_today").GetInt64());
        Assert.Equal((1, 5), await nodes.One<(long, long)>("SELECT COUNT(*), CAST(SUM(used) AS bigint) FROM quota_uses WHERE quota = 'chat_messages'"));
        await nodes.First.Client.Until(token, room, 10);

        await nodes.World.MakePro(token);
        answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => nodes.Either(i).Say(token, room, $"Pro's message {i}")));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(45, (await nodes.First.Client.Usage(token)).GetProperty("used_today").GetInt64());
        var said = await nodes.Second.Client.Until(token, room, 90);
        Assert.Equal(said.Where(one => one.Answers is null).Select(one => (long?)one.Id), said.Where(one => one.Answers is not null).Select(one => one.Answers));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Proof_58_forty_posts_at_once_are_accepted_within_two_seconds_and_answered_and_what_is_refused_is_not_stored(string engine)
    {
        await using var world = await Rooms.World(engine);
        var token = await world.Client.SignedIn();
        await world.MakePro(token);
        var room = await world.Client.CreateRoom(token);
        await world.Client.Post(token, room, "Are you awake?");

        var asked = TimeProvider.System.GetTimestamp();
        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => world.Client.Say(token, room, $"message {i}")));
        Assert.True(TimeProvider.System.GetElapsedTime(asked) < TimeSpan.FromSeconds(2), $"{TimeProvider.System.GetElapsedTime(asked)}");
        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        var said = await world.Client.Until(token, room, 82);
        Assert.Equal(41, said.Select(one => one.Answers).OfType<long>().Distinct().Count());

        // A database that fails in the middle of it: an error, and nothing of the message.
        world.Database.Engine.Watch = sql =>
        {
            if (sql.Contains("INSERT INTO chat_messages", StringComparison.Ordinal))
            {
                throw new IOException("The database went away.");
            }
        };
        using var failed = await world.Client.Say(token, room, "Lost");
        world.Database.Engine.Watch = null;
        Assert.True(failed.StatusCode >= HttpStatusCode.InternalServerError, $"{failed.StatusCode}");
        Assert.Equal(82, (await world.Client.Read(token, room)).Count);
        Assert.Equal(41, (await world.Client.Usage(token)).GetProperty("used_today").GetInt64());
    }

    // The other halves: ReplyTests.After_two_refusals… and ReplyTests.After_five_failures….
    [Theory, EveryDatabase]
    public async Task Proof_59_a_killed_workers_message_is_answered_once_by_the_next_one(string engine)
    {
        await using var world = await Rooms.World(engine, ("RUN_JOBS", "false"));
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token);
        await world.Script(new { when = "Are you there?", pause_after = new[] { 0 } });
        await using (var worker = await ChatNodes.Node(world))
        {
            await worker.Client.Post(token, room, "Are you there?");
            await TestWorld.Until(async () => (await world.Control("/_sandbox/gemini/pauses")).GetArrayLength() == 1, "the provider is asked");
            await worker.Kill();
        }

        // It can be seen on this machine that the worker is dead: nobody waits for its lease.
        await using var next = await ChatNodes.Node(world);
        var said = await next.Client.Until(token, room, 2);

        Assert.NotEqual(ChatOptions.Sorry, said[1].Content);
        Assert.Equal(2, (await world.Control("/_sandbox/requests?provider=gemini&limit=100")).GetArrayLength());
        Assert.Equal(1, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM usage_records")));
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM jobs WHERE pool <> ''")));
    }

    [Fact]
    public async Task Proof_60_of_a_thousand_rooms_made_at_once_each_is_in_the_next_list_of_the_other_node()
    {
        await using var world = await Rooms.World("postgres");
        using var second = await world.StartNode();
        var people = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => world.Client.SignedIn($"+1555010{i:0000}")));
        var missing = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            var (token, here, there) = (people[i % people.Length], i % 3 == 0 ? second : world.Client, i % 2 == 0 ? second : world.Client);
            var room = await here.CreateRoom(token, $"Room {i}");
            using var list = await there.Send(HttpMethod.Get, "/chatroom/", token);
            return (await Rooms.Ok(list)).EnumerateArray().Any(one => one.GetProperty("id").GetInt64() == room) ? 0 : room;
        }));
        Assert.DoesNotContain(missing, room => room != 0);
    }

    [Theory]
    [InlineData("UTC")]
    [InlineData("Pacific/Kiritimati")]
    [InlineData("America/Los_Angeles")]
    public async Task Proof_60_the_day_turns_at_midnight_UTC_wherever_the_server_stands(string zone)
    {
        using var standing = new LocalZone(zone);
        await using var world = await Rooms.World();
        world.Clock.SetNow(new DateTimeOffset(world.Clock.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero).AddDays(2).AddMinutes(-1));
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token);
        for (var i = 0; i < 5; i++)
        {
            await world.Client.Post(token, room, $"message {i}");
        }

        using (var refused = await world.Client.Say(token, room, "Too many"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
            Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
            world.Clock.Advance(refused.Headers.RetryAfter.Delta.Value - TimeSpan.FromSeconds(15));
        }

        using (var stillRefused = await world.Client.Say(token, room, "Too many"))
        {
            Assert.Equal(HttpStatusCode.TooManyRequests, stillRefused.StatusCode);
            world.Clock.Advance(stillRefused.Headers.RetryAfter!.Delta!.Value);
        }

        Assert.Equal(0, (await world.Client.Usage(token)).GetProperty("used_today").GetInt64());
        await world.Client.Post(token, room, "A new day");
        Assert.Equal((1, 4), ((await world.Client.Usage(token)).GetProperty("used_today").GetInt64(), (await world.Client.Usage(token)).GetProperty("remaining").GetInt64()));
    }

    // What a stalled reader costs is held by SlowReaderTests: a room's stream is one of those.
    [Fact]
    public async Task Proof_61_what_happens_on_one_node_reaches_a_stream_on_the_other_and_is_replayed_by_its_id()
    {
        await using var nodes = await ChatNodes.Start();
        var token = await nodes.First.Client.SignedIn();
        var room = await nodes.First.Client.CreateRoom(token);
        using var reader = await EventReader.Open(nodes.Second.Client, path: $"/chatroom/{room}/events", token: token);
        Assert.Equal("connected", (await reader.Next())!.Type);

        var message = await nodes.First.Client.Post(token, room, "Hello");

        var question = await Message(reader);
        Assert.Equal(message, question.Data.GetProperty("message").GetProperty("id").GetInt64());
        var answer = await Message(reader);
        Assert.Equal(message, answer.Data.GetProperty("message").GetProperty("answers").GetInt64());

        using var back = await EventReader.Open(nodes.First.Client, $"{question.Id}", $"/chatroom/{room}/events", token);
        Assert.Equal("connected", (await back.Next())!.Type);
        Assert.Equal(answer.Id, (await Message(back)).Id);
    }

    private static async Task<LiveEvent> Message(EventReader reader)
    {
        while (true)
        {
            if (await reader.Next() is { Type: "message" } message)
            {
                return message;
            }
        }
    }
}
