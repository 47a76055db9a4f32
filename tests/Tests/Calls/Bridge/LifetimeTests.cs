using System.Net.WebSockets;
using Ledgerline.Calls.Bridge;
using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>Either side's end ends the other; what can be mended is.</summary>
public sealed class LifetimeTests
{
    [Theory]
    [InlineData("stop")]
    [InlineData("drop")]
    public async Task Proof_49_the_phones_end_ends_the_models_side(string how)
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        if (how == "stop")
        {
            await phone.Stop();
        }
        else
        {
            phone.Drop();
        }

        await model.Ended.Task.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(BridgeEnd.PhoneGone, (await line.End()).Reason);
        // A call whose stream only vanished may still be running, and cost.
        Assert.Equal(how == "stop" ? [] : [BridgeEnd.PhoneGone], line.HangUps);
        Assert.Empty(line.Sentences);
    }

    [Fact]
    public async Task A_lost_session_is_replaced_and_knows_what_was_said()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        model.Drop();

        var next = await line.Model.Session(1);
        var note = await next.Next("conversation.item.create");
        Assert.Equal("system", note.GetProperty("item").GetProperty("role").GetString());
        await next.Next("response.create");
        Assert.Equal([null, "You are in the middle of this call. What was said last, the latest at the end:\nYou: Hello."], line.Handovers);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(next.Appends == 1), "the next session hears");
        await next.Begin("r1");
        await next.Say("r1", new byte[160]);
        await phone.NextMedia();
        await phone.Stop();
        Assert.Equal(1, (await line.End()).Reconnects);
    }

    [Fact]
    public async Task After_three_attempts_two_seconds_apart_the_carrier_says_a_sentence_and_the_call_ends()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        line.Model.Refusals = 10;
        model.Drop();
        for (var attempt = 1; attempt < 3; attempt++)
        {
            await TestWorld.Until(() => Task.FromResult(line.Model.Refusals == 10 - attempt), "an attempt was made");
            await phone.Speak();
            await TestWorld.Until(() => Task.FromResult(line.World.Clock.ArmedTimers > 0), "the next is waited for");
            line.World.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(WebSocketCloseStatus.NormalClosure, await phone.End());
        var end = await line.End();
        Assert.Equal((BridgeEnd.ModelLost, 7, 2L), (end.Reason, line.Model.Refusals, end.FramesDropped));
        Assert.Single(line.Sentences);
        Assert.Empty(line.HangUps);
    }

    [Fact]
    public async Task A_provider_that_drops_each_session_is_given_up_after_three_new_ones()
    {
        await using var line = await Line.Start();
        await using var phone = await line.Call();
        for (var number = 0; number < 4; number++)
        {
            // One that is dropped while it is opened was none, and is asked for again.
            var model = await line.Model.Session(number);
            await model.Next("conversation.item.create");
            model.Drop();
        }

        Assert.Equal(BridgeEnd.ModelLost, (await line.End()).Reason);
        Assert.Equal(4, line.Model.All.Count);
        Assert.Single(line.Sentences);
    }

    [Fact]
    public async Task Where_no_model_is_to_be_had_the_call_ends_within_five_seconds()
    {
        await using var line = await Line.Start();
        line.Model.Updates = false;
        await using var phone = await line.Call();
        await TestWorld.Until(() => Task.FromResult(line.Model.All.Count == 1), "a session is asked for");
        await line.Pass(TimeSpan.FromSeconds(4.6));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await phone.End());
        Assert.Equal(BridgeEnd.ModelUnreachable, (await line.End()).Reason);
        Assert.Single(line.Sentences);
        await line.Model.All[0].Ended.Task.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task No_syllable_is_lost_while_the_model_takes_its_time()
    {
        await using var line = await Line.Start();
        line.Model.Updates = false;
        await using var phone = await line.Call();
        await TestWorld.Until(() => Task.FromResult(line.Model.All.Count == 1), "a session is asked for");
        var model = line.Model.All[0];
        for (byte frame = 0; frame < 15; frame++)
        {
            await phone.Speak(sound: frame);
        }

        Assert.Equal(0, model.Appends);
        await model.Next("session.update");
        await model.Send(new { type = "session.updated" });
        for (byte frame = 15; frame < 30; frame++)
        {
            await phone.Speak(sound: frame);
        }

        await TestWorld.Until(() => Task.FromResult(model.Appends == 30), "everything was heard");
        Assert.Equal(Enumerable.Range(0, 30).SelectMany(frame => Enumerable.Repeat((byte)frame, 160)), model.Heard);
        await phone.Stop();
        Assert.Equal(0, (await line.End()).FramesDropped);
    }

    [Fact]
    public async Task A_provider_that_ends_its_session_by_the_hour_is_asked_for_another()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.Fails("session_expired");
        var next = await line.Model.Session(1);
        await next.Next("conversation.item.create");
        await phone.Stop();
        await line.End();
    }

    [Fact]
    public async Task Before_the_hour_another_session_takes_over_between_two_turns()
    {
        await using var line = await Line.Start();
        line.Lasts = TimeSpan.FromHours(2);
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.SpeechStarts();
        await line.Settled(model);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 2), "the person speaks");
        line.World.Clock.Advance(TimeSpan.FromMinutes(55));

        var next = await line.Model.Session(1);
        Assert.Contains("You: Hello.", line.Handovers.Last(), StringComparison.Ordinal);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 3), "the first still hears");
        Assert.Equal(0, next.Appends);

        await model.Begin("r1");
        await model.SpeechStops();
        await model.End("r1", "That was all.");
        await model.Ended.Task.WaitAsync(TimeSpan.FromSeconds(10));
        var since = await next.Next("conversation.item.create");
        Assert.Contains("You: That was all.", since.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("Hello.", since.GetRawText(), StringComparison.Ordinal);
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(next.Appends == 1), "the next hears");
        Assert.True(next.IsSilent);
        await phone.Stop();
        var end = await line.End();
        Assert.Equal((0, 0L), (end.Reconnects, end.FramesDropped));
    }

    [Fact]
    public async Task A_line_without_a_sound_of_any_kind_is_hung_up_after_a_minute()
    {
        await using var line = await Line.Start();
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        await model.SpeechStarts();
        await line.Settled(model);
        await line.Pass(TimeSpan.FromSeconds(1));
        await line.Pass(TimeSpan.FromSeconds(55));
        Assert.Equal(1, line.Live.Count);
        await line.Pass(TimeSpan.FromSeconds(6));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await phone.End());
        Assert.Equal(BridgeEnd.NoMedia, (await line.End()).Reason);
        Assert.Equal([BridgeEnd.NoMedia], line.HangUps);
    }

    [Fact]
    public async Task A_slow_listener_slows_nobody_and_hears_everything()
    {
        await using var line = await Line.Start();
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        line.OnSpoken = _ => gate.Task;
        var (phone, model) = await line.Talk();
        await using var _ = phone;
        for (var turn = 0; turn < 40; turn++)
        {
            await model.Begin($"r{turn}");
            await model.Say($"r{turn}", new byte[160]);
            await phone.NextMedia();
            await model.End($"r{turn}", $"Sentence {turn}");
            await phone.Next("mark");
            await phone.Mark();
        }

        Assert.Single(line.Lines);
        gate.SetResult();
        await phone.Stop();
        await line.End();
        Assert.Equal(Enumerable.Range(0, 40).Select(turn => $"Sentence {turn}"), line.Lines.Select(one => one.Text));
        Assert.Equal(40, line.Usage.Count);
    }

    [Fact]
    public async Task A_shutdown_lets_calls_finish_and_then_ends_them()
    {
        await using var line = await Line.Start(new() { ["SHUTDOWN_DRAIN_SECONDS"] = "30" });
        var (phone, model) = await line.Greeted();
        await using var _ = phone;
        var stopping = line.World.StopFirstNode();
        await Assert.ThrowsAnyAsync<WebSocketException>(async () =>
        {
            while (true)
            {
                await using var late = await line.Call();
                await late.End();
            }
        });
        await phone.Speak();
        await TestWorld.Until(() => Task.FromResult(model.Appends == 2), "the call goes on");

        line.World.Clock.Advance(TimeSpan.FromSeconds(28.5));
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await phone.End());
        Assert.Equal(BridgeEnd.Shutdown, (await line.End()).Reason);
        await stopping.WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Nothing_is_left_of_calls_that_ended_in_every_way()
    {
        await using var line = await Line.Start();
        var before = line.World.Clock.ArmedTimers;
        for (var round = 0; round < 12; round++)
        {
            await using var phone = await line.Call();
            var model = await line.Model.Session(round);
            switch (round % 4)
            {
                case 0:
                    await phone.Stop();
                    break;
                case 1:
                    phone.Drop();
                    break;
                case 2:
                    line.Live.End(line.Live.Ids.Single(), "hung_up");
                    break;
                default:
                    await model.Fails("insufficient_quota");
                    break;
            }

            await TestWorld.Until(() => Task.FromResult(line.Ends.Count == round + 1 && line.Live.Count == 0), "the call has ended");
            await model.Ended.Task.WaitAsync(TimeSpan.FromSeconds(5));
        }

        await TestWorld.Until(() => Task.FromResult(line.World.Clock.ArmedTimers <= before + 2), "no timer of theirs is left");
    }
}
