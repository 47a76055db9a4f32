using System.Text.Json;
using Sandbox.OpenAi.Realtime.Sound;
using Xunit;

namespace Tests.Sandbox;

/// <summary>What a session is configured to, what it refuses, and how it hears what it was told to hear.</summary>
public sealed class OpenAiRealtimeSessionTests
{
    [Fact]
    public async Task ItBeginsWithTheProvidersDefaults()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Connect(sandbox);
        var session = (await caller.Until("session.created")).GetProperty("session");
        var input = session.GetProperty("audio").GetProperty("input");
        Assert.Equal(("audio/pcm", 24_000), (input.GetProperty("format").GetProperty("type").GetString(), input.GetProperty("format").GetProperty("rate").GetInt32()));
        Assert.Equal("server_vad", input.GetProperty("turn_detection").GetProperty("type").GetString());
        Assert.Equal("alloy", session.GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
        Assert.Equal(3_600, session.GetProperty("expires_at").GetInt64() - sandbox.Clock.GetUtcNow().ToUnixTimeSeconds(), 5.0);

        await Update(caller, """{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","eagerness":"medium"}},"output":{"voice":"marin"}}}""");
        session = (await caller.Until("session.updated")).GetProperty("session");
        input = session.GetProperty("audio").GetProperty("input");
        Assert.Equal("""{"type":"semantic_vad","eagerness":"medium","create_response":true,"interrupt_response":true}""", input.GetProperty("turn_detection").GetRawText());
        Assert.Equal(("audio/pcm", "marin"), (input.GetProperty("format").GetProperty("type").GetString(), session.GetProperty("audio").GetProperty("output").GetProperty("voice").GetString()));

        await Update(caller, """{"type":"realtime","instructions":"","tools":[],"audio":{"input":{"turn_detection":null,"transcription":null,"noise_reduction":null}}}""");
        session = (await caller.Until("session.updated")).GetProperty("session");
        Assert.Equal(JsonValueKind.Null, session.GetProperty("audio").GetProperty("input").GetProperty("turn_detection").ValueKind);
        Assert.Equal("", session.GetProperty("instructions").GetString());
    }

    [Theory]
    [InlineData("""{"instructions":"x"}""", "session.type", "missing_required_parameter")]
    [InlineData("""{"type":"realtime","temperature":0.8}""", "session.temperature", "unknown_parameter")]
    [InlineData("""{"type":"realtime","voice":"coral"}""", "session.voice", "unknown_parameter")]
    [InlineData("""{"type":"realtime","modalities":["audio"]}""", "session.modalities", "unknown_parameter")]
    [InlineData("""{"type":"realtime","model":"gpt-realtime-2"}""", "session.model", "cannot_update_model")]
    [InlineData("""{"type":"realtime","audio":{"input":{"format":{"type":"g711_ulaw"}}}}""", "session.audio.input.format.type", "invalid_value")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{"type":"semantic_vad","idle_timeout_ms":8000}}}}""", "session.audio.input.turn_detection.idle_timeout_ms", "unknown_parameter")]
    [InlineData("""{"type":"realtime","audio":{"input":{"turn_detection":{"type":"server_vad","idle_timeout_ms":1}}}}""", "session.audio.input.turn_detection.idle_timeout_ms", "invalid_value")]
    [InlineData("""{"type":"realtime","audio":{"output":{"speed":2}}}""", "session.audio.output.speed", "invalid_value")]
    [InlineData("""{"type":"realtime","instructions":7}""", "session.instructions", "invalid_type")]
    [InlineData("""{"type":"realtime","tools":[{"name":"x"}]}""", "session.tools[0].type", "missing_required_parameter")]
    [InlineData("""{"type":"realtime","tools":[{"type":"function","name":"x","strict":true}]}""", "session.tools[0].strict", "unknown_parameter")]
    [InlineData("""{"type":"realtime","max_output_tokens":5000}""", "session.max_output_tokens", "invalid_value")]
    public async Task AnUpdateThatMakesNoSenseIsRefusedWholly(string session, string param, string code)
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Connect(sandbox);
        await Update(caller, session);
        var error = (await caller.Until("error")).GetProperty("error");
        Assert.Equal((param, code, "cl_1"), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString(), error.GetProperty("event_id").GetString()));
        await Update(caller, """{"type":"realtime"}""");
        Assert.Equal("alloy", (await caller.Until("session.updated")).GetProperty("session").GetProperty("audio").GetProperty("output").GetProperty("voice").GetString());
    }

    [Theory]
    [InlineData("hello", null, "invalid_json")]
    [InlineData("[]", null, "invalid_json")]
    [InlineData("{}", "type", "missing_required_parameter")]
    [InlineData("""{"type":"response.creat"}""", "type", "invalid_value")]
    [InlineData("""{"type":"response.create","respons":{}}""", "respons", "unknown_parameter")]
    [InlineData("""{"type":"response.create","response":{"voice":"coral"}}""", "response.voice", "unknown_parameter")]
    [InlineData("""{"type":"session.update"}""", "session", "missing_required_parameter")]
    [InlineData("""{"type":"input_audio_buffer.append"}""", "audio", "missing_required_parameter")]
    [InlineData("""{"type":"input_audio_buffer.append","audio":"?"}""", "audio", "invalid_value")]
    [InlineData("""{"audio":7,"type":"input_audio_buffer.append"}""", "audio", "invalid_value")]
    [InlineData("""{"type":"input_audio_buffer.commit"}""", null, "input_audio_buffer_commit_empty")]
    [InlineData("""{"type":"output_audio_buffer.clear"}""", "type", "invalid_value")]
    [InlineData("""{"type":"conversation.item.create"}""", "item", "missing_required_parameter")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"assistant","content":[{"type":"output_audio","audio":"AA=="}]}}""", "item.content[0].type", "invalid_value")]
    [InlineData("""{"type":"conversation.item.create","item":{"type":"message","role":"user","content":[{"type":"text","text":"x"}]}}""", "item.content[0].type", "invalid_value")]
    [InlineData("""{"type":"conversation.item.create","previous_item_id":"item_no","item":{"type":"message","role":"user","content":[]}}""", "previous_item_id", "item_create_invalid_previous_item_id")]
    [InlineData("""{"type":"conversation.item.delete","item_id":"item_no"}""", "item_id", "item_delete_invalid_item_id")]
    [InlineData("""{"type":"conversation.item.retrieve"}""", "item_id", "missing_required_parameter")]
    public async Task AnEventThatMakesNoSenseIsAnsweredAndTheSessionGoesOn(string message, string? param, string code)
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Connect(sandbox);
        await caller.SendText(message);
        var error = (await caller.Until("error")).GetProperty("error");
        Assert.Equal((param, code), (error.GetProperty("param").GetString(), error.GetProperty("code").GetString()));
        await caller.Send(new { type = "input_audio_buffer.clear" });
        await caller.Until("input_audio_buffer.cleared");
    }

    [Fact]
    public async Task WhatComesBeforeTheUpdateIsTakenForPcm()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Connect(sandbox);
        await caller.Speak(300, 0.5);
        await caller.Send(new { type = "input_audio_buffer.clear" });
        await caller.Until("input_audio_buffer.cleared");
        var seen = (await sandbox.Get("/_sandbox/openai/realtime/sessions"))[0];
        Assert.Equal(4_000, seen.GetProperty("appended_bytes").GetProperty("audio/pcm").GetInt64());
        Assert.False(seen.GetProperty("appended_bytes").TryGetProperty("audio/pcmu", out _));
        // 4,000 bytes are half a second of µ-law and a twelfth of one of PCM.
        Assert.InRange(seen.GetProperty("heard_seconds").GetDecimal(), 0.06m, 0.09m);
    }

    [Fact]
    public async Task TheVoiceStaysOnceItHasSpoken()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await Update(caller, """{"type":"realtime","audio":{"output":{"voice":"marin"}}}""");
        await caller.Until("session.updated");
        await caller.Send(new { type = "response.create" });
        await caller.Until("response.done");
        await Update(caller, """{"type":"realtime","audio":{"output":{"voice":"coral"}}}""");
        Assert.Equal("cannot_update_voice", (await caller.Until("error")).GetProperty("error").GetProperty("code").GetString());
        await Update(caller, """{"type":"realtime","audio":{"output":{"voice":"marin"}}}""");
        await caller.Until("session.updated");
    }

    [Fact]
    public async Task WithoutDetectionTurnsAreCommittedByHand()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await Update(caller, """{"type":"realtime","audio":{"input":{"turn_detection":null}}}""");
        await caller.Until("session.updated");
        await caller.Speak(450, 1);
        await caller.Speak(null, 1);
        await caller.Send(new { type = "input_audio_buffer.commit" });
        var committed = await caller.Until("input_audio_buffer.committed");
        Assert.DoesNotContain("input_audio_buffer.speech_started", caller.Types);
        await caller.Send(new { type = "conversation.item.retrieve", item_id = committed.GetProperty("item_id").GetString() });
        Assert.Equal("user", (await caller.Until("conversation.item.retrieved")).GetProperty("item").GetProperty("role").GetString());
        await caller.Send(new { type = "response.create" });
        var done = await caller.Until("response.done");
        Assert.Equal("I heard a tone of 450 hertz for 1 seconds.", done.GetProperty("response").GetProperty("output")[0].GetProperty("content")[0].GetProperty("transcript").GetString());
        await caller.Send(new { type = "conversation.item.delete", item_id = committed.GetProperty("item_id").GetString() });
        await caller.Until("conversation.item.deleted");
    }

    [Theory]
    [InlineData("audio/pcm", 700.0)]
    [InlineData("audio/pcmu", 1_487.5)]
    [InlineData("audio/pcma", 312.5)]
    public void EachFormatCarriesATone(string name, double hz)
    {
        var format = SoundFormat.Named(name)!;
        var listener = new Listener();
        var quiet = new TurnDetection(false, 0.5, 0, 500, false, false, null);
        var sound = Tone.Sound(format, hz, 0, format.BytesPerSecond / 2);
        // In odd pieces, each made for itself: where they meet there must be no seam.
        for (var at = 0; at < sound.Length; at += 333)
        {
            var piece = Convert.FromBase64String(System.Text.Encoding.ASCII.GetString(Tone.Piece(format, hz, at, Math.Min(333, sound.Length - at))));
            Assert.Equal(sound.AsSpan(at, piece.Length).ToArray(), piece);
            listener.Hear(piece, format, quiet);
        }

        var stretch = Assert.Single(listener.Stretches);
        Assert.Equal([hz], stretch.TonesHz);
        Assert.Equal(0.5m, stretch.Seconds);
    }

    [Fact]
    public void TwoVoicesAtOnceAreHeardAsTwo()
    {
        var (one, other) = (Tone.Sound(SoundFormat.Pcm, 400, 0, 48_000), Tone.Sound(SoundFormat.Pcm, 1_000, 0, 48_000));
        var mixed = new byte[48_000];
        for (var at = 0; at < mixed.Length; at += 2)
        {
            BitConverter.TryWriteBytes(mixed.AsSpan(at), (short)(BitConverter.ToInt16(one, at) + BitConverter.ToInt16(other, at) / 2));
        }

        var listener = new Listener();
        listener.Hear(mixed, SoundFormat.Pcm, new TurnDetection(false, 0.5, 0, 500, false, false, null));
        Assert.Equal([400.0, 1_000.0], Assert.Single(listener.Stretches).TonesHz);
    }

    private static Task Update(RealtimeCaller caller, string session) => caller.SendText($$"""{"type":"session.update","event_id":"cl_1","session":{{session}}}""");
}
