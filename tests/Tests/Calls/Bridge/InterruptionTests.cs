using Ledgerline.Calls.Bridge;
using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>The person speaks while the agent does.</summary>
public sealed class InterruptionTests
{
    [Fact]
    public async Task Proof_48_the_phone_is_cleared_and_the_model_told_what_was_heard()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", new byte[160 * 50]);
        // A second in pieces of at most a quarter, each with its mark.
        for (var piece = 0; piece < 5; piece++)
        {
            await phone.NextMedia();
            await phone.Next("mark");
        }

        await phone.Mark();
        await phone.Mark();
        phone.Pass(540);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "half a second has passed");
        await model.SpeechStarts();

        await phone.Next("clear");
        var truncate = await model.Next("conversation.item.truncate");
        Assert.Equal(("item_r1", 0, 480), (truncate.GetProperty("item_id").GetString(), truncate.GetProperty("content_index").GetInt32(), truncate.GetProperty("audio_end_ms").GetInt32()));

        // What was on its way comes to nothing, and the marks that come back because of the clear neither.
        await model.Say("r1", new byte[1600]);
        await model.End("r1", "I could tell you", "cancelled");
        for (var mark = 0; mark < 3; mark++)
        {
            await phone.Mark();
        }

        await model.SpeechStops();
        await model.Begin("r2");
        await model.Say("r2", new byte[160]);
        Assert.Equal(160, (await phone.NextMedia()).Length);
        await model.End("r2");
        await phone.Next("mark");
        await phone.Mark();
        await phone.Stop();

        var end = await line.End();
        Assert.Equal((1, 500), (end.Interruptions, end.PlayedMs));
        Assert.Equal(480, Assert.Single(line.Lines).CutAtMs);
        Assert.True(model.IsSilent);
    }

    [Theory]
    [InlineData(280, false)]
    [InlineData(300, true)]
    public async Task Nothing_is_interrupted_in_its_first_moments(long passed, bool isInterrupted)
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", new byte[160 * 50]);
        await phone.NextMedia();
        await phone.Next("mark");
        await phone.Mark();
        phone.Pass(passed);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1), "the time has passed");
        await model.SpeechStarts();
        await model.SpeechStops();
        await model.End("r1");
        await TestWorld.Until(() => Task.FromResult(line.Usage.Count == 1), "the answer is over");

        Assert.Equal(isInterrupted, phone.Rest().Exists(frame => frame.GetProperty("event").GetString() == "clear"));
        Assert.Equal(!isInterrupted, model.IsSilent);
    }

    [Fact]
    public async Task What_has_been_heard_is_not_interrupted()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        phone.Pass(1000);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 2), "a second has passed");
        await model.SpeechStarts();
        await model.SpeechStops();
        await model.Begin("r1");
        await model.Say("r1", new byte[160]);
        await phone.NextMedia();
        Assert.True(model.IsSilent);
    }

    [Fact]
    public async Task A_line_that_is_cut_after_it_was_written_is_told_again()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", new byte[160 * 12]);
        await model.Say("r1", new byte[160 * 12]);
        await model.End("r1", "A long story.");
        for (var piece = 0; piece < 2; piece++)
        {
            await phone.NextMedia();
            await phone.Next("mark");
        }

        await phone.Mark();
        phone.Pass(400);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 1 && line.Lines.Count == 1), "the answer is written");
        Assert.Null(line.Lines.Single().CutAtMs);
        await model.SpeechStarts();
        await phone.Next("clear");
        await TestWorld.Until(() => Task.FromResult(line.Lines.Count == 2), "it is told again");
        Assert.Equal(new SpokenLine(SpokenLine.Agent, "A long story.", "item_r1", null, 0, 240), line.Lines.Last());
    }

    [Fact]
    public async Task Audio_of_odd_sizes_comes_in_whole_frames_and_the_last_is_filled_with_silence()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await model.Begin("r1");
        await model.Say("r1", [.. Enumerable.Repeat((byte)1, 100)]);
        await model.Say("r1", [.. Enumerable.Repeat((byte)2, 100)]);
        var first = await phone.NextMedia();
        Assert.Equal([.. Enumerable.Repeat((byte)1, 100), .. Enumerable.Repeat((byte)2, 60)], first);
        await model.End("r1");
        var last = await phone.NextMedia();
        Assert.Equal([.. Enumerable.Repeat((byte)2, 40), .. Enumerable.Repeat((byte)0xFF, 120)], last);
        await phone.Next("mark");
    }

    [Fact]
    public async Task Beyond_a_minute_that_was_not_heard_the_model_waits()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        await model.Begin("r1");
        for (var second = 0; second < 70; second++)
        {
            await model.Say("r1", new byte[8000]);
        }

        var heard = 0;
        while (heard <= 60_000 * 8)
        {
            heard += (await phone.Next()).TryGetProperty("media", out var media) ? media.GetProperty("payload").GetBytesFromBase64().Length : 0;
        }

        await phone.Speak(3);
        await TestWorld.Until(() => Task.FromResult(model.Appends == 3), "the person is heard all the time");
        Assert.InRange(heard, 60_000 * 8, 60_300 * 8);
        Assert.DoesNotContain(phone.Rest(), frame => frame.TryGetProperty("media", out var _));

        await phone.Mark();
        Assert.True((await phone.NextMedia()).Length > 0);
        await phone.Stop();
        await line.End();
    }
}
