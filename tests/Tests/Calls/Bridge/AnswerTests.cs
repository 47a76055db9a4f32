using Ledgerline.Calls.Bridge;
using Ledgerline.Providers.OpenAi.Realtime;
using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>When the model is asked to answer, what it asks to have done, and what happens when it says nothing.</summary>
public sealed class AnswerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    [Fact]
    public async Task There_is_one_answer_at_a_time_and_what_is_wanted_meanwhile_comes_together()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", new byte[160]);
        await phone.NextMedia();
        line.Live.Note(1, "One.");
        line.Live.Note(1, "Two.");
        await model.Next("conversation.item.create");
        await model.Next("conversation.item.create");
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "nothing else is sent");
        Assert.True(model.IsSilent);
        await model.End("r1");
        await model.Next("response.create");
        await model.Fails("conversation_already_has_active_response");
        await model.Begin("r2");
        await model.End("r2");
        await model.Next("response.create");
        Assert.True(model.IsSilent);
        Assert.Equal(1, line.Live.Count);
    }

    [Fact]
    public async Task A_tool_runs_once_whatever_the_person_says_meanwhile()
    {
        await using var line = await Line.Start();
        var gate = new TaskCompletionSource<string>();
        var uses = 0;
        line.Tool = (name, arguments, _) =>
        {
            Interlocked.Increment(ref uses);
            Assert.Equal(("create_event", """{"start":"2026-12-01T14:00"}"""), (name, arguments));
            return gate.Task;
        };
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Send(new { type = "response.function_call_arguments.done", response_id = "r1", item_id = "item_F", call_id = "call_1", name = "create_event", arguments = """{"start":"2026-12-01T14:00"}""" });
        await model.Done("r1", output: [Call("create_event", """{"start":"2026-12-01T14:00"}""")]);
        await TestWorld.Until(() => Task.FromResult(Volatile.Read(ref uses) == 1), "the tool runs");
        await model.SpeechStarts();
        await model.SpeechStops();
        await model.Begin("r2");
        await model.Say("r2", new byte[160]);
        await phone.NextMedia();
        gate.SetResult("""{"status":"created"}""");
        var result = (await model.Next("conversation.item.create")).GetProperty("item");
        Assert.Equal("""{"type":"function_call_output","call_id":"call_1","output":"{\u0022status\u0022:\u0022created\u0022}"}""", result.GetRawText());
        Assert.True(model.IsSilent);
        await model.Done("r2");
        await model.Next("response.create");
        Assert.Equal(1, uses);
    }

    [Fact]
    public async Task A_slow_tool_is_spoken_over_and_given_up_after_eight_seconds()
    {
        await using var line = await Line.Start();
        line.Tool = (_, _, _) => new TaskCompletionSource<string>().Task;
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Done("r1", output: [Call("create_event", "{}")]);
        await TestWorld.Until(() => Task.FromResult(line.Usage.Count == 2), "it is asked for");
        var timers = line.World.Clock.ArmedTimers;
        await TestWorld.Until(() => Task.FromResult(line.World.Clock.ArmedTimers >= timers), "it is waited for");
        line.World.Clock.Advance(TimeSpan.FromSeconds(1.3));
        Assert.Contains("still at work", (await model.Next("conversation.item.create")).GetRawText(), StringComparison.Ordinal);
        await model.Next("response.create");
        await model.Begin("r2");
        await model.Done("r2");
        await line.Settled(model);
        line.World.Clock.Advance(TimeSpan.FromSeconds(8));
        Assert.Contains("took too long", (await model.Next("conversation.item.create")).GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"start\":")]
    [InlineData("[]")]
    [InlineData("")]
    public async Task Arguments_that_are_none_are_told_to_the_agent(string arguments)
    {
        await using var line = await Line.Start();
        line.Tool = (_, _, _) => throw new InvalidOperationException("It must not run.");
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Done("r1", output: [Call("create_event", arguments)]);
        Assert.Contains("no JSON object", (await model.Next("conversation.item.create")).GetRawText(), StringComparison.Ordinal);
        await model.Next("response.create");
    }

    [Fact]
    public async Task A_tool_that_fails_is_told_to_the_agent()
    {
        await using var line = await Line.Start();
        line.Tool = (_, _, _) => throw new InvalidOperationException("secret");
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Done("r1", output: [Call("create_event", "{}")]);
        var told = (await model.Next("conversation.item.create")).GetRawText();
        Assert.Contains("It failed", told, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_without_a_sound_is_asked_for_again_and_then_the_carrier_speaks()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await model.Begin("r1");
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "the answer has begun");
        await line.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal("r1", (await model.Next("response.cancel")).GetProperty("response_id").GetString());
        await model.Done("r1", "cancelled");
        await model.Next("response.create");
        await line.Pass(TimeSpan.FromSeconds(5));
        Assert.Equal(BridgeEnd.ModelLost, (await line.End()).Reason);
        Assert.Single(line.Sentences);
    }

    [Fact]
    public async Task A_turn_that_nobody_answers_is_answered_and_an_answer_that_failed_too()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.SpeechStarts();
        await model.SpeechStops();
        await phone.Speak();
        await model.Send(new { type = "conversation.item.input_audio_transcription.completed", item_id = "item_U1", transcript = "Mhm.", usage = new { type = "duration", seconds = 1.5m } });
        await TestWorld.Until(() => Task.FromResult(line.Lines.Count == 2), "the turn is over");
        await line.Settled(model);
        Assert.Contains(line.Usage, usage => usage.Seconds == 1.5m);
        await line.Pass(TimeSpan.FromSeconds(5));
        await model.Next("response.create");
        await model.Begin("r1");
        await model.Say("r1", new byte[160]);
        await model.Done("r1", "failed");
        await model.Next("response.create");
        Assert.Equal(1, line.Live.Count);
    }

    [Fact]
    public async Task Lines_come_with_what_was_before_them_whenever_they_are_written()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await phone.Speak(20);
        await TestWorld.Until(() => Task.FromResult(model.Appends == 21), "they are heard");
        await model.SpeechStarts("item_U1", 100);
        await model.SpeechStops("item_U1", "item_r0");
        await model.Begin("r1");
        await model.Send(new { type = "conversation.item.added", item = new { id = "item_r1" }, previous_item_id = "item_U1" });
        await model.Say("r1", new byte[160]);
        await model.End("r1", "Certainly.");
        await model.Send(new { type = "conversation.item.input_audio_transcription.completed", item_id = "item_U1", transcript = "Could you help me?", usage = (object?)null });
        await TestWorld.Until(() => Task.FromResult(line.Lines.Count == 3), "everything is written");
        Assert.Equal(
            [("Certainly.", "item_U1", 400), ("Could you help me?", "item_r0", 100)],
            line.Lines.Skip(1).Select(one => (one.Text, one.PreviousItemId, (int)one.AtMs)));
    }

    [Fact]
    public void The_sequence_of_answers_forgets_nothing_and_hurries_nobody()
    {
        var turns = new RealtimeTurns(Patience);
        var now = TimeSpan.Zero;
        Assert.Equal(TurnStep.Create, turns.Want(now));
        Assert.Equal(TurnStep.None, turns.Want(now));
        turns.Created("a", now);
        turns.SpeechStarted();
        Assert.Equal(TurnStep.None, turns.Done("a", false, now));
        turns.SpeechStopped(now);
        Assert.Equal(TurnStep.None, turns.Watch(now + TimeSpan.FromSeconds(3.9)));
        turns.Created("b", now);
        Assert.Equal(TurnStep.Create, turns.Done("b", false, now));
        turns.Rejected(now);
        Assert.Equal(TurnStep.None, turns.Want(now));
        turns.Created("c", now);
        turns.Sounds(now);
        Assert.Equal(TurnStep.Create, turns.Done("c", true, now));
        Assert.Equal(TurnStep.GiveUp, turns.Refused());
    }

    private static object Call(string name, string arguments) => new { type = "function_call", id = "item_F", status = "completed", call_id = "call_1", name, arguments };
}
