using System.Net.WebSockets;
using System.Text.Json;
using Ledgerline.Calls.Bridge;
using Tests.World;
using Xunit;

namespace Tests.Calls.Bridge;

/// <summary>A whole call, from socket to socket.</summary>
public sealed class BridgeTests
{
    [Fact]
    public async Task Proof_48_audio_flows_both_ways_and_everything_is_told()
    {
        await using var line = await Line.Start();
        await using var phone = await line.Call();
        var model = await line.Model.Session();

        Assert.Equal("Bearer sk-test", model.Authorization);
        Assert.Equal("?model=gpt-realtime", model.Query);
        var greeting = await model.Next("conversation.item.create");
        Assert.Equal("""{"type":"message","role":"user","content":[{"type":"input_text","text":"The call has been connected."}]}""", greeting.GetProperty("item").GetRawText());
        await model.Next("response.create");

        // What the person says arrives as it was said.
        byte[] spoken = [.. Enumerable.Range(0, 50 * 160).Select(i => (byte)(i * 7 % 256))];
        foreach (var frame in spoken.Chunk(160))
        {
            await phone.Speak(frame);
        }

        await TestWorld.Until(() => Task.FromResult(model.Heard.Length == spoken.Length), "the model has heard a second");
        Assert.Equal(spoken, model.Heard);
        Assert.Equal(50, model.Appends);

        // And what the model says, in frames and with a mark.
        byte[] said = [.. Enumerable.Range(0, 1600).Select(i => (byte)(i * 3 % 256))];
        await model.Begin("r1");
        await model.Say("r1", said);
        Assert.Equal(said, await phone.NextMedia());
        await phone.Next("mark");
        await phone.Mark();
        await model.End("r1", "Hello, how can I help?");
        await TestWorld.Until(() => Task.FromResult(line.Usage.Count == 1), "its usage is told");

        await phone.Stop();
        Assert.Equal(WebSocketCloseStatus.NormalClosure, await phone.End());
        var end = await line.End();
        Assert.Equal((BridgeEnd.PhoneGone, 50, 10, 0, 0, 200), (end.Reason, end.FramesIn, end.FramesOut, end.FramesDropped, end.FramesMalformed, end.PlayedMs));
        await model.Ended.Task;
        Assert.Empty(line.HangUps);
        Assert.Equal(new SpokenLine(SpokenLine.Agent, "Hello, how can I help?", "item_r1", null, 980), Assert.Single(line.Lines));
        Assert.Equal((119L, 13L, 64L, 30L, 91L), line.Usage.Select(usage => (usage.TextInput, usage.AudioInput, usage.CachedText, usage.TextOutput, usage.AudioOutput)).Single());
    }

    [Fact]
    public async Task A_session_is_configured_as_the_contract_has_it_before_anything_else()
    {
        await using var line = await Line.Start();
        await using var phone = await line.Call();
        await TestWorld.Until(() => Task.FromResult(line.Model.All.Count == 1), "a session is opened");

        var update = (await line.Model.All[0].Next("session.update")).GetProperty("session");

        Assert.Equal(
            """{"type":"realtime","model":"gpt-realtime","output_modalities":["audio"],"instructions":"You are a friendly assistant.","tool_choice":"auto","tools":[{"type":"function","name":"end_call","description":"Hangs up, once your goodbye has been heard. Say goodbye first, and call this in the same answer.","parameters":{"type":"object","properties":{}}}],"audio":{"input":{"format":{"type":"audio/pcmu"},"turn_detection":{"type":"semantic_vad","eagerness":"medium","create_response":true,"interrupt_response":true}},"output":{"format":{"type":"audio/pcmu"},"voice":"coral"}}}""",
            JsonSerializer.Serialize(update));
    }
}
