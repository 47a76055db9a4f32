using System.Text.Json;
using Tests.Persistence;
using Tests.World;
using Xunit;

namespace Tests.Gateway.V1.Chat;

/// <summary>Streams of Gemini's that do not come to their end: because they break, because nobody reads them, because nothing comes.</summary>
public sealed class GeminiStreamEndTests
{
    [Theory]
    [InlineData("""{"drop":true}""")]
    [InlineData("""{"status":503}""")]
    public async Task A_stream_that_breaks_says_so_and_is_charged_as_far_as_it_came(string fault)
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", new { chunks = new[] { "One ", "two ", "three." }, times = 2 });
        var broken = JsonSerializer.Deserialize<Dictionary<string, object>>(fault)!;
        (broken["after_events"], broken["times"]) = (2, 2);
        await world.ChatFails("gemini", broken);

        var chunks = Chunks.Of(await caller.ChatStream(GeminiChatTests.Ask(stream: true, usage: true)));

        Assert.Equal(("One two ", null, false, "The stream of the model broke off."), (chunks.Text, chunks.Finish, chunks.IsDone, chunks.Error));
        var usage = Assert.Single(await GeminiChatTests.Used(world));
        Assert.Equal(("estimated", "upstream_error", 2L), (usage.Basis, usage.Reason, usage.OutputTokens));
        Assert.Equal((10_000_000 - usage.CreditsMicro) / 1_000_000, (await caller.Owner.Wallet()).Available);
        // Whole, nothing of it is shown, and nothing charged.
        Assert.Equal(502, (await caller.Chat(GeminiChatTests.Ask())).Status);
        Assert.Single(await GeminiChatTests.Used(world));
    }

    [Theory, EveryDatabase]
    public async Task A_client_that_leaves_a_stream_calls_the_model_off_and_pays_for_what_was_made(string engine)
    {
        await using var world = await TestWorld.Start(engine);
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", new { chunks = new[] { "One ", "two ", "three." }, pause_after = new[] { 2 } });
        using (var request = caller.ChatRequest(GeminiChatTests.Ask(stream: true), ("Idempotency-Key", "left")))
        {
            using var answer = await world.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await answer.Content.ReadAsStreamAsync();
            Assert.True(await stream.ReadAsync(new byte[1]) == 1);
            await world.Paused("gemini");
        }

        // The sandbox's answer ends because its own client has gone.
        await world.Paused("gemini", times: 0);
        await TestWorld.Until(async () => (await GeminiChatTests.Used(world)).Count == 1, "what was made is charged");
        var usage = Assert.Single(await GeminiChatTests.Used(world));
        Assert.Equal(("estimated", "client_gone", 2L), (usage.Basis, usage.Reason, usage.OutputTokens));
        Assert.True(usage.CreditsMicro > 2000);
        Assert.DoesNotContain("open", await caller.Owner.Holds());
        // Half an answer is none to its key: asked again, it runs again.
        await TestWorld.Until(async () => (await world.Database.Read(session => session.List<string>("SELECT idempotency_key FROM idempotency_keys"))).Count == 0, "the key is free");
        var again = await caller.Chat(GeminiChatTests.Ask(stream: true), [("Idempotency-Key", "left")]);
        Assert.False(again.Replayed);
        Assert.True(Chunks.Of(again).IsDone);
        Assert.True((await caller.Chat(GeminiChatTests.Ask(stream: true), [("Idempotency-Key", "left")])).Replayed);
        Assert.Equal(2, (await GeminiChatTests.Used(world)).Count);
    }

    [Fact]
    public async Task A_client_that_leaves_before_the_first_word_pays_nothing()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", new { text = "Too late.", pause_after = new[] { 0 } });
        using var gone = new CancellationTokenSource();
        var asking = caller.Chat(GeminiChatTests.Ask(stream: true), stop: gone.Token);
        await world.Paused("gemini");

        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await world.Paused("gemini", times: 0);
        await TestWorld.Until(async () => !(await caller.Owner.Holds()).Contains("open"), "the money went back");
        await caller.Owner.AssertUntouched(10);
    }

    [Fact]
    public async Task A_model_that_falls_silent_is_left_and_one_that_says_nothing_is_too_late()
    {
        await using var world = await TestWorld.Start();
        var caller = await V1Caller.New(world, credits: 10);
        await world.Replies("gemini", new { chunks = new[] { "One ", "two" }, pause_after = new[] { 1 } });
        var asking = caller.ChatStream(GeminiChatTests.Ask(stream: true));
        await world.Paused("gemini");
        await Pass(world, asking);
        Assert.Equal("The stream of the model broke off.", Chunks.Of(await asking).Error);
        Assert.Equal("time_out", Assert.Single(await GeminiChatTests.Used(world)).Reason);

        await world.Replies("gemini", new { text = "Never.", pause_after = new[] { 0 } });
        var waiting = caller.Chat(GeminiChatTests.Ask(stream: true));
        await world.Paused("gemini");
        await Pass(world, waiting);
        Assert.Equal((504, "provider_timeout"), await waiting is var late ? (late.Status, late.Code) : default);
        Assert.Single(await GeminiChatTests.Used(world));
    }

    // The server may not have read yet what came before the pause: it waits from then on.
    private static Task Pass(TestWorld world, Task answered) => TestWorld.Until(
        () =>
        {
            world.Clock.Advance(TimeSpan.FromSeconds(111));
            return Task.FromResult(answered.IsCompleted);
        },
        "nobody waits for the model any more");
}
