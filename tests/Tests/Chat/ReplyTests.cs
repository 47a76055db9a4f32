using System.Text.Json;
using Ledgerline.Chat;
using Ledgerline.Kernel;
using Ledgerline.Wallet;
using Tests.Identity;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Chat;

public class ReplyTests
{
    [Theory, EveryDatabase]
    public async Task After_two_refusals_the_third_attempt_answers_once(string engine)
    {
        await using var world = await Rooms.World(engine);
        var (token, room) = await Room(world);
        await world.Control("/_sandbox/faults", new { provider = "gemini", times = 2, status = 429 });
        await world.Client.Post(token, room, "Are you there?");

        var said = await Answered(world, token, room, 2);
        Assert.Contains("Are you there?", said[1].Content, StringComparison.Ordinal);
        Assert.Equal(3, (await Requests(world)).Count);
        Assert.Single(await UsageRows(world));
    }

    [Theory, EveryDatabase]
    public async Task After_five_failures_there_is_one_neutral_sentence_and_the_room_goes_on(string engine)
    {
        await using var world = await Rooms.World(engine);
        var (token, room) = await Room(world);
        await world.Control("/_sandbox/faults", new { provider = "gemini", times = 5, status = 503 });
        await world.Client.Post(token, room, "Are you there?");
        await world.Client.Post(token, room, "And now?");

        var said = await Answered(world, token, room, 4);
        Assert.Equal(ChatOptions.Sorry, said.Single(one => one.Answers == said[0].Id).Content);
        Assert.Contains("And now?", said.Single(one => one.Answers == said[1].Id).Content, StringComparison.Ordinal);
        Assert.Equal(6, (await Requests(world)).Count);
        Assert.Equal("upstream_error", await world.Database.Read(session => session.One<string>("SELECT failure FROM chat_messages WHERE failure IS NOT NULL")));
        Assert.Equal(2, (await world.Client.Usage(token)).GetProperty("used_today").GetInt32());
    }

    [Fact]
    public async Task Nodes_that_die_are_no_attempts_at_the_provider_and_who_kills_them_all_gets_the_neutral_sentence()
    {
        await using var world = await Rooms.World();
        var (token, room) = await Room(world);
        await world.Script(new { when = "first", pause_after = new[] { 0 } });
        await world.Client.Post(token, room, "first");
        var (unlucky, deadly) = (await world.Client.Post(token, room, "unlucky"), await world.Client.Post(token, room, "deadly"));
        await TestWorld.Until(async () => (await world.Control("/_sandbox/gemini/pauses")).GetArrayLength() == 1, "the provider is asked");
        foreach (var (message, died) in new[] { (unlucky, ChatOptions.Attempts), (deadly, ReplyToMessage.Style(world.Get<ChatOptions>()).Crashes) })
        {
            Assert.Equal(1, await world.Database.Write(transaction => transaction.Execute(
                "UPDATE jobs SET attempt = @died WHERE status = 'ready' AND payload LIKE @message", new { died, message = $"%{message}%" })));
        }

        await world.Control("/_sandbox/faults", new { provider = "gemini", times = 2, status = 503 });
        await world.Control("/_sandbox/gemini/release", new { });

        var said = await Answered(world, token, room, 6);
        Assert.Contains("unlucky", said.Single(one => one.Answers == unlucky).Content, StringComparison.Ordinal);
        Assert.Equal(ChatOptions.Sorry, said.Single(one => one.Answers == deadly).Content);
        Assert.Equal(4, (await Requests(world)).Count);
    }

    [Fact]
    public async Task What_cannot_go_better_is_not_tried_again()
    {
        await using var world = await Rooms.World();
        var (token, room) = await Room(world);
        await world.Script(new { when = "blocked", block_reason = "SAFETY" });
        await world.Script(new { when = "silent", finish_reason = "MAX_TOKENS", no_content = true });
        await world.Control("/_sandbox/faults", new { provider = "gemini", times = 1, status = 400 });

        foreach (var (content, failure) in new[] { ("wrong", "upstream_error"), ("blocked", "blocked"), ("silent", "length") })
        {
            var message = await world.Client.Post(token, room, content);
            await TestWorld.Until(async () => (await world.Client.Read(token, room)).Any(one => one.Answers == message), $"{content} is answered");
            Assert.Equal(ChatOptions.Sorry, (await world.Client.Read(token, room)).Single(one => one.Answers == message).Content);
            Assert.Equal(failure, await world.Database.Read(session => session.One<string>("SELECT failure FROM chat_messages WHERE answers = @message", new { message })));
        }

        Assert.Equal(3, (await Requests(world)).Count);
    }

    [Fact]
    public async Task An_empty_answer_is_a_failure_and_an_overlong_one_is_cut()
    {
        await using var world = await Rooms.World();
        var (token, room) = await Room(world);
        await world.Script(new { when = "empty", empty = true });
        await world.Script(new { when = "long", text = new string('x', 40_000) });
        await world.Client.Post(token, room, "empty");
        var said = await Answered(world, token, room, 2);
        Assert.Contains("empty", said[1].Content, StringComparison.Ordinal);
        await world.Client.Post(token, room, "long");
        said = await Answered(world, token, room, 4);
        // As many tokens as an answer may have, else as many characters.
        Assert.InRange(said[3].Content.Length, 10_000, ChatOptions.LongestAnswer);
        Assert.All(said[3].Content, c => Assert.Equal('x', c));
    }

    [Theory, EveryDatabase]
    public async Task A_provider_that_says_nothing_is_left_after_half_a_minute(string engine)
    {
        await using var world = await Rooms.World(engine);
        var (token, room) = await Room(world);
        await world.Script(new { when = "Hello", pause_after = new[] { 0 } });
        await world.Client.Post(token, room, "Hello");
        await TestWorld.Until(async () => (await world.Control("/_sandbox/gemini/pauses")).GetArrayLength() == 1, "the provider is asked");

        var said = await Answered(world, token, room, 2);
        Assert.Contains("Hello", said[1].Content, StringComparison.Ordinal);
        Assert.Equal(2, (await Requests(world)).Count);
    }

    [Fact]
    public async Task The_other_model_answers_where_the_first_does_not()
    {
        await using var world = await Rooms.World("sqlite", ("CHAT_FALLBACK_MODEL", "gpt-4o-mini"));
        var (token, room) = await Room(world);
        await world.Control("/_sandbox/faults", new { provider = "gemini", times = 1, status = 503 });
        await world.Client.Post(token, room, "Hello");
        var said = await world.Client.Until(token, room, 2);
        Assert.True(said[1].Content.Contains("Hello", StringComparison.Ordinal), string.Join("\n", world.Logs.All));
        Assert.Equal("gpt-4o-mini", await world.Database.Read(session => session.One<string>("SELECT model FROM usage_records")));
    }

    [Theory]
    [InlineData("sqlite", "allowance", 0)]
    [InlineData("sqlite", "allowance", 1)]
    [InlineData("postgres", "credits", 1)]
    public async Task A_deleted_room_calls_off_its_answer_and_what_was_written_of_it_is_booked(string engine, string pays, int events)
    {
        await using var world = await Rooms.World(engine);
        var token = await world.Client.SignedIn();
        var room = await world.Client.CreateRoom(token, pays: pays);
        var account = await world.AccountOf(token);
        await world.Get<Ledger>().Grant(new GrantOrder(account, Unit.Credit, "purchase", "p1", Credits.Whole(100), "test"));
        await world.Script(new { when = "first", chunks = new[] { "One, ", "two." }, pause_after = new[] { events } });
        await world.Client.Post(token, room, "first");
        await world.Client.Post(token, room, "second");
        await TestWorld.Until(async () => (await world.Control("/_sandbox/gemini/pauses")).GetArrayLength() == 1, "the provider is asked");
        // By a node that answers no messages.
        world.Set("RUN_JOBS", "false");
        using var other = engine == "postgres" ? await world.StartNode() : null;
        using var deleted = await (other ?? world.Client).Send(HttpMethod.Delete, $"/chatroom/{room}", token);
        await Rooms.Ok(deleted);

        await TestWorld.Until(async () => await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM jobs WHERE pool <> ''")) == 0, "no job is left");
        await TestWorld.Until(async () => Assert.Single(await Requests(world)).GetProperty("status").GetInt32() == 0, "the provider sees that nobody listens");
        Assert.Equal((0, 0), await world.Database.Read(session => session.One<(long, long)>("SELECT waiting, (SELECT COUNT(*) FROM chat_messages) FROM chat_accounts")));
        Assert.Equal(0, await world.Database.Read(session => session.One<long>("SELECT COUNT(*) FROM holds WHERE status = 'open'")));
        Assert.Equal(
            events == 0 ? [] : [$"{pays} client_gone estimated"],
            await world.Database.Read(session => session.List<string>("SELECT funding || ' ' || reason || ' ' || basis FROM usage_records WHERE output_tokens > 0")));
        Assert.Equal(pays == "credits", (await world.Get<Ledger>().Balance(account, Unit.Credit)).Available < Credits.Whole(100));
    }

    private static async Task<(string Token, long Room)> Room(TestWorld world)
    {
        var token = await world.Client.SignedIn();
        return (token, await world.Client.CreateRoom(token));
    }

    // Moves the clock over the waits between the attempts.
    private static async Task<IReadOnlyList<Said>> Answered(TestWorld world, string token, long room, int messages)
    {
        await TestWorld.Until(
            async () =>
            {
                if ((await world.Client.Read(token, room)).Count == messages)
                {
                    return true;
                }

                world.Clock.Advance(TimeSpan.FromSeconds(1));
                return false;
            },
            $"the room has {messages} messages");
        return await world.Client.Read(token, room);
    }

    private static async Task<IReadOnlyList<JsonElement>> Requests(TestWorld world) =>
        [.. (await world.Control("/_sandbox/requests?provider=gemini&limit=100")).EnumerateArray()];

    private static Task<IReadOnlyList<string>> UsageRows(TestWorld world) =>
        world.Database.Read(session => session.List<string>("SELECT funding FROM usage_records WHERE action = 'chat_message'"));
}
