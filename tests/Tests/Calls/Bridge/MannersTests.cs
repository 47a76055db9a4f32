using System.Net.WebSockets;
using Ledgerline.Calls.Bridge;
using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>How calls come to their end: by the limit, by a goodbye, by silence.</summary>
public sealed class MannersTests
{
    [Fact]
    public async Task Proof_45_a_call_over_its_limit_is_closed_and_its_agent_was_told_before()
    {
        await using var line = await Line.Start();
        line.Lasts = TimeSpan.FromSeconds(120);
        var (phone, model) = await line.Greeted();
        await using var _ = phone;

        await model.SpeechStarts();
        await line.Settled(model);
        await line.Pass(TimeSpan.FromSeconds(58));
        Assert.True(model.IsSilent);
        await Heard(phone, model);
        await line.Pass(TimeSpan.FromSeconds(2.5));
        Assert.Contains("seconds are left of this call. Come to an end", await Told(model), StringComparison.Ordinal);
        await model.Begin("r1");
        await model.SpeechStops();
        await Answer(phone, model, "r1", "Let us come to an end.");
        await Heard(phone, model);
        await line.Pass(TimeSpan.FromSeconds(40));
        Assert.Contains("Say goodbye now", await Told(model), StringComparison.Ordinal);
        await model.Next("response.create");
        await Answer(phone, model, "r2", "It was a pleasure.");
        Assert.Equal(1, line.Live.Count);

        await line.Pass(TimeSpan.FromSeconds(20));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await phone.End());
        Assert.Equal(BridgeEnd.TimeLimit, (await line.End()).Reason);
        Assert.Equal([BridgeEnd.TimeLimit], line.HangUps);
        await model.Ended.Task.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_short_call_is_told_of_its_end_once()
    {
        await using var line = await Line.Start();
        line.Lasts = TimeSpan.FromSeconds(60);
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await line.Pass(TimeSpan.FromSeconds(1));
        Assert.True(model.IsSilent);
        await line.Pass(TimeSpan.FromSeconds(39.5));
        Assert.Contains("Say goodbye now", await Told(model), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_time_moves_the_end_and_calls_the_goodbye_off()
    {
        await using var line = await Line.Start();
        line.Lasts = TimeSpan.FromSeconds(60);
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await line.Pass(TimeSpan.FromSeconds(41));
        Assert.Contains("Say goodbye now", await Told(model), StringComparison.Ordinal);
        await model.Next("response.create");

        Assert.True(line.Live.LimitChanged(line.Live.Ids.Single(), line.World.Clock.GetUtcNow().AddSeconds(100)));
        Assert.Contains("more time", await Told(model), StringComparison.Ordinal);
        Assert.InRange(line.Live.SecondsLeft(line.Live.Ids.Single())!.Value, 98, 100);
        await Answer(phone, model, "r1", "Very well.");
        await model.SpeechStarts();
        await line.Settled(model);
        await Heard(phone, model);
        await line.Pass(TimeSpan.FromSeconds(30));
        Assert.Equal(1, line.Live.Count);
        await Heard(phone, model);
        await line.Pass(TimeSpan.FromSeconds(71));
        Assert.Equal(BridgeEnd.TimeLimit, (await line.End()).Reason);
        Assert.False(line.Live.LimitChanged(1, default));
        Assert.Null(line.Live.SecondsLeft(1));
    }

    [Fact]
    public async Task A_goodbye_is_heard_to_its_end()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", new byte[1600]);
        await model.End("r1", "Goodbye!", output: [EndCall("call_1")]);
        await phone.NextMedia();
        await phone.Next("mark");
        Assert.Contains("The call ends when you have been heard.", (await model.Next("conversation.item.create")).GetRawText(), StringComparison.Ordinal);
        await TestWorld.Until(() => Task.FromResult(line.Usage.Count == 2), "the answer is over");
        Assert.Equal(1, line.Live.Count);

        await phone.Mark();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await phone.End());
        var end = await line.End();
        Assert.Equal((BridgeEnd.Goodbye, 220), (end.Reason, end.PlayedMs));
        Assert.Equal([BridgeEnd.Goodbye], line.HangUps);
    }

    [Fact]
    public async Task Who_speaks_into_the_goodbye_is_not_hung_up_on()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", new byte[1600]);
        await model.End("r1", "Goodbye!", output: [EndCall("call_1")]);
        await phone.NextMedia();
        await phone.Next("mark");
        await model.Next("conversation.item.create");
        await model.SpeechStarts();
        await model.SpeechStops();
        await model.Begin("r2");
        await model.Say("r2", new byte[160]);
        await phone.NextMedia();
        await phone.Mark();
        await model.End("r2", "Go on.");
        await phone.Next("mark");
        await phone.Mark();
        await line.Pass(TimeSpan.FromSeconds(10));
        Assert.Equal(1, line.Live.Count);
    }

    [Fact]
    public async Task A_goodbye_whose_marks_are_lost_does_not_keep_the_line()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", new byte[1600]);
        await model.End("r1", null, output: [EndCall("call_1")]);
        await model.Next("conversation.item.create");
        await TestWorld.Until(() => Task.FromResult(line.Usage.Count == 2), "the answer is over");
        await line.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(BridgeEnd.Goodbye, (await line.End()).Reason);
    }

    [Fact]
    public async Task Who_wants_to_hang_up_without_a_goodbye_is_asked_for_one()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Done("r1", output: [EndCall("call_1")]);
        Assert.Contains("Say goodbye in one sentence", (await model.Next("conversation.item.create")).GetRawText(), StringComparison.Ordinal);
        await model.Next("response.create");
        Assert.Equal(1, line.Live.Count);
        await model.Begin("r2");
        await model.Say("r2", new byte[160]);
        await model.End("r2", "Bye.");
        await phone.NextMedia();
        await phone.Next("mark");
        await phone.Mark();
        Assert.Equal(BridgeEnd.Goodbye, (await line.End()).Reason);
    }

    [Fact]
    public async Task A_goodbye_without_a_word_to_hang_up_waits_for_an_answer_and_then_ends()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", new byte[160]);
        await model.End("r1", "Thank you for calling, goodbye.");
        await phone.NextMedia();
        await phone.Next("mark");
        await phone.Mark();
        await line.Pass(TimeSpan.FromSeconds(3));
        Assert.Equal(1, line.Live.Count);
        await line.Pass(TimeSpan.FromSeconds(4));
        Assert.Equal(BridgeEnd.Goodbye, (await line.End()).Reason);
    }

    [Fact]
    public async Task Long_silence_is_asked_about_twice_and_then_ends_with_a_goodbye()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        for (var question = 0; question < 2; question++)
        {
            await line.Pass(TimeSpan.FromSeconds(1));
            await phone.Speak(sound: 0xFF);
            await line.Pass(TimeSpan.FromSeconds(20));
            Assert.Contains("still there", await Told(model), StringComparison.Ordinal);
            await model.Next("response.create");
            await Answer(phone, model, $"q{question}", "Are you still there?");
        }

        await line.Pass(TimeSpan.FromSeconds(1));
        await phone.Speak(sound: 0xFF);
        await line.Pass(TimeSpan.FromSeconds(20));
        Assert.Contains("still silent", await Told(model), StringComparison.Ordinal);
        await model.Next("response.create");
        await Answer(phone, model, "r9", "I will hang up now.");
        Assert.Equal(BridgeEnd.Silence, (await line.End()).Reason);
    }

    [Fact]
    public async Task A_machine_gets_a_message_and_interrupts_nobody()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await model.Begin("r0");
        await model.Say("r0", new byte[160 * 50]);
        await line.Settled(model);
        Assert.True(line.Live.ReachedMachine(line.Live.Ids.Single()));
        Assert.Contains("answering machine", await Told(model), StringComparison.Ordinal);
        for (var piece = 0; piece < 5; piece++)
        {
            await phone.NextMedia();
            await phone.Next("mark");
        }

        phone.Pass(500);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "half a second has passed");
        await model.SpeechStarts();
        await model.SpeechStops();
        await model.End("r0", "Hello, this is", "cancelled");
        await line.Settled(model);
        for (var piece = 0; piece < 5; piece++)
        {
            await phone.Mark();
        }

        await Heard(phone, model);
        Assert.Equal(1, line.Live.Count);
        await model.Next("response.create");
        await Answer(phone, model, "r1", "Please call us back.");
        Assert.Equal(BridgeEnd.Goodbye, (await line.End()).Reason);
        Assert.False(line.Live.ReachedMachine(1));
    }

    // A frame of the person, heard at the other end.
    private static async Task Heard(FakePhone phone, ModelSocket model)
    {
        var before = model.Appends;
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends > before), "the person is heard");
    }

    private static async Task Answer(FakePhone phone, ModelSocket model, string id, string text)
    {
        await model.Begin(id);
        await model.Say(id, new byte[160]);
        await model.End(id, text);
        await phone.NextMedia();
        await phone.Next("mark");
        await phone.Mark();
    }

    private static object EndCall(string id) => new { type = "function_call", id = "item_F", status = "completed", call_id = id, name = "end_call", arguments = "{}" };

    /// <summary>The next thing that the model alone is told.</summary>
    private static async Task<string> Told(ModelSocket model)
    {
        var item = (await model.Next("conversation.item.create")).GetProperty("item");
        Assert.Equal("system", item.GetProperty("role").GetString());
        return item.GetRawText();
    }
}
