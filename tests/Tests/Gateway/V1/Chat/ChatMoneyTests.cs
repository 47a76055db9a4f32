using Ledgerline.Wallet;
using Microsoft.Extensions.DependencyInjection;
using Soak;
using Tests.Persistence;
using Tests.Transcription;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Chat;

/// <summary>No model is asked without money for the worst case, and of many at once as many as there is money for.</summary>
public sealed class ChatMoneyTests
{
    // The prompt's JSON and the limit of 1,000 tokens come to a little more than one credit.
    private static readonly string Question = GeminiChatTests.Ask(most: 1000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Without_money_for_the_worst_case_nobody_is_asked(bool stream)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 1);

        var reply = await caller.Chat(GeminiChatTests.Ask(stream, most: 1000));

        Assert.Equal((402, "insufficient_credits", "false", 1m), (reply.Status, reply.Code, reply.Headers["x-should-retry"], reply.Balance));
        var metadata = reply.Error.GetProperty("metadata");
        Assert.Equal(("balance", 1m), (metadata.GetProperty("limit_source").GetString(), metadata.GetProperty("available").GetDecimal()));
        Assert.InRange(metadata.GetProperty("needed").GetDecimal(), 1.0001m, 1.01m);
        Assert.Empty(await world.Asked("gemini"));
        await caller.Owner.AssertUntouched(1);
        // The same question fits when it may be answered in fewer words.
        Assert.Equal(200, (await caller.Chat(GeminiChatTests.Ask(stream, most: 900))).Status);
    }

    [Fact]
    public async Task Every_choice_may_be_as_long_as_the_limit_and_all_are_held_for()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 1);
        string Ask(int choices, string more = "") => $$"""{"model":"gpt-5-mini","n":{{choices}},"max_completion_tokens":1000,"messages":[{"role":"user","content":"a"}]{{more}}}""";

        // 800 micro-credits a token: a thousand of them are 0.8 credits.
        Assert.Equal(402, (await caller.Chat(Ask(2))).Status);
        Assert.Equal(402, (await caller.Chat(Ask(1, $$""","prediction":{"type":"content","content":"{{new string('x', 600)}}"}"""))).Status);
        Assert.Equal(402, (await caller.Chat(Ask(1, $$$""","tools":[{"type":"function","function":{"name":"f","description":"{{{new string('x', 5000)}}}"}}]"""))).Status);
        Assert.Equal(402, (await caller.Chat("""{"model":"gpt-5-mini","messages":[{"role":"user","content":"no limit: 4096 tokens"}]}""")).Status);
        Assert.Empty(await world.Asked("openai"));
        Assert.Equal(200, (await caller.Chat(Ask(1))).Status);
    }

    [Theory, EveryDatabase]
    public async Task Of_twenty_at_once_on_money_for_five_five_are_admitted(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 6);
        await world.Replies("gemini", new { text = "A record.", pause_after = new[] { 0 }, times = 20 });

        var asking = Enumerable.Range(0, 20).Select(_ => caller.Chat(Question)).ToList();
        await world.Paused("gemini", times: 5);
        await TestWorld.Until(() => Task.FromResult(asking.Count(one => one.IsCompleted) == 15), "fifteen are refused");
        await world.Release("gemini");
        var replies = await Task.WhenAll(asking);

        Assert.Equal(5, replies.Count(reply => reply.Status == 200));
        Assert.All(replies.Where(reply => reply.Status != 200), reply => Assert.Equal((402, "in_flight_budget_exhausted"), (reply.Status, reply.Code)));
        Assert.Equal(5, (await world.Asked("gemini")).Count);
        var used = await GeminiChatTests.Used(world);
        Assert.Equal(5, used.Count);
        Assert.Equal(6_000_000 - used.Sum(row => row.CreditsMicro), (await Balance(world, caller)).Available.Micro);
    }

    [Theory, EveryDatabase]
    public async Task A_keys_limit_counts_what_runs_and_what_was_spent(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 100, limit: 1.02m);
        await world.Replies("gemini", new { text = "Long.", thinking_tokens = 990 });

        Assert.Equal("request_exceeds_budget", (await caller.Chat(GeminiChatTests.Ask(most: 2000))).Code);
        Assert.Equal(200, (await caller.Chat(Question)).Status);
        var refused = await caller.Chat(Question);
        Assert.Equal((402, "key_limit_reached", "key"), (refused.Status, refused.Code, refused.Error.GetProperty("metadata").GetProperty("limit_source").GetString()));
        Assert.Equal(200, (await V1Caller.Person(world, caller.Owner).Chat(Question)).Status);
    }

    [Theory, EveryDatabase]
    public async Task What_the_provider_counts_beyond_the_hold_is_owed(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 2);
        await world.Replies("gemini", new { text = "More.", usage = new { promptTokenCount = 10_000, candidatesTokenCount = 2000, totalTokenCount = 12_000 } });

        var reply = await caller.Chat(Question);

        Assert.Equal((200, 3.2m, 0m), (reply.Status, reply.Cost, reply.Balance));
        Assert.Equal((0, 1), await caller.Owner.Wallet());
        Assert.Equal(402, (await caller.Chat(Question)).Status);
    }

    [Theory, EveryDatabase]
    public async Task The_same_key_gives_the_same_answer_and_charges_once(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 10);
        foreach (var model in new[] { "gemini-2.5-flash", "gpt-5-nano" })
        {
            var body = $$"""{"model":"{{model}}","messages":[{"role":"user","content":"What?"}]}""";
            var first = await caller.Chat(body, [("Idempotency-Key", model)]);
            // The same, spaced otherwise.
            var again = await caller.Chat(body.Replace(":", " : ", StringComparison.Ordinal), [("Idempotency-Key", model)]);
            var other = await caller.Chat(body.Replace("What", "Why", StringComparison.Ordinal), [("Idempotency-Key", model)]);

            Assert.Equal((200, false, 200, true, 422), (first.Status, first.Replayed, again.Status, again.Replayed, other.Status));
            Assert.Equal((first.Text, first.Cost, first.Balance), (again.Text, again.Cost, again.Balance));
            // A library that asks again by itself gets what it missed.
            Assert.False((await caller.Chat(body, [("X-Stainless-Retry-Count", "0")])).Replayed);
            Assert.True((await caller.Chat(body, [("X-Stainless-Retry-Count", "1")])).Replayed);
        }

        Assert.Equal(4, (await GeminiChatTests.Used(world)).Count);
    }

    [Theory, EveryDatabase]
    public async Task What_a_dead_node_held_goes_back(string engine)
    {
        await using var provider = await StandInProvider.Start(StandInProvider.Silence);
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 10);
        await using var node = await NodeProcess.Start(world.DatabaseUrl, world.SandboxAddress, new(provider.Settings));
        var asking = caller.Chat(GeminiChatTests.Ask(model: "gpt-5-mini", most: 1000), node: node.Client);
        await provider.WasAsked();

        await node.Kill();

        await Assert.ThrowsAsync<HttpRequestException>(() => asking);
        Assert.Equal(["open"], await caller.Owner.Holds());
        world.Clock.Advance(TimeSpan.FromMinutes(9));
        await TestWorld.Until(async () => (await caller.Owner.Holds()).SequenceEqual(["expired"]), "the sweeper gave the hold back");
        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task A_key_without_the_scope_opens_nothing()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10, scopes: ["transcription", "models"]);

        var reply = await caller.Chat(Question);

        Assert.Equal((403, "insufficient_permissions"), (reply.Status, reply.Code));
        Assert.Empty(await world.Asked("gemini"));
    }

    private static Task<WalletBalance> Balance(TestWorld world, V1Caller caller) =>
        world.Services.GetRequiredService<Ledger>().Balance(caller.Owner.Id, Ledgerline.Kernel.Unit.Credit);
}
