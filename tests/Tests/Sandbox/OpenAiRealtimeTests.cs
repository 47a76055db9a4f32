using System.Text.Json;
using Sandbox.OpenAi.Realtime.Sound;
using Xunit;

namespace Tests.Sandbox;

/// <summary>A conversation with the sandbox's model: greeting, turns, what they cost, and what the control room saw of them.</summary>
public sealed class OpenAiRealtimeTests
{
    [Fact]
    public async Task ItGreetsAndAnswersATone()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await caller.Send(new { type = "response.create" });
        var greeting = (await caller.Until("response.done")).GetProperty("response");
        Assert.Equal("completed", greeting.GetProperty("status").GetString());
        Assert.Equal("Hello, this is the sandbox speaking.", Transcript(greeting));
        Assert.Equal([2_500.0], Tones(caller.Sound(greeting.GetProperty("id").GetString()!), out var seconds));
        Assert.Equal(1.2m, seconds);

        await caller.Speak(312.5, 1.5);
        await caller.Speak(null, 0.5);
        var stopped = await caller.Until("input_audio_buffer.speech_stopped");
        var started = caller.Seen.Single(one => one.GetProperty("type").GetString() == "input_audio_buffer.speech_started");
        Assert.Equal(0, started.GetProperty("audio_start_ms").GetInt64());
        Assert.Equal(1_800, stopped.GetProperty("audio_end_ms").GetInt64());
        var answer = (await caller.Until("response.done")).GetProperty("response");
        Assert.Equal("I heard a tone of 312.5 hertz for 1.5 seconds.", Transcript(answer));
        Assert.Equal([1_912.5], Tones(caller.Sound(answer.GetProperty("id").GetString()!), out seconds));
        Assert.Equal(1.0m, seconds);
        Assert.Equal(
        [
            "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "conversation.item.added", "conversation.item.done",
            "response.created", "rate_limits.updated", "response.output_item.added", "conversation.item.added", "response.content_part.added",
        ], caller.Types.SkipWhile(type => type != "input_audio_buffer.speech_started").Take(10));
        Assert.Equal(
        [
            "response.output_audio.done", "response.output_audio_transcript.done", "response.content_part.done", "conversation.item.done", "response.output_item.done", "response.done",
        ], caller.Types.TakeLast(6));

        // 1.8 s of the caller and 1.2 s of the greeting; what was said now was not heard before.
        var usage = answer.GetProperty("usage");
        Assert.Equal(18 + 24, usage.GetProperty("input_token_details").GetProperty("audio_tokens").GetInt32());
        Assert.Equal(20, usage.GetProperty("output_token_details").GetProperty("audio_tokens").GetInt32());
        Assert.Equal(usage.GetProperty("total_tokens").GetInt32(), usage.GetProperty("input_tokens").GetInt32() + usage.GetProperty("output_tokens").GetInt32());

        var seen = (await sandbox.Get("/_sandbox/openai/realtime/sessions"))[0];
        Assert.Equal(1, seen.GetProperty("heard").GetArrayLength());
        Assert.Equal(1.5m, seen.GetProperty("heard")[0].GetProperty("seconds").GetDecimal());
        Assert.Equal(312.5, seen.GetProperty("heard")[0].GetProperty("tones_hz")[0].GetDouble());
        Assert.Equal(100, seen.GetProperty("events_in").GetProperty("input_audio_buffer.append").GetInt32());
        Assert.Equal(16_000, seen.GetProperty("appended_bytes").GetProperty("audio/pcmu").GetInt64());
    }

    private static string Transcript(JsonElement response) => response.GetProperty("output")[0].GetProperty("content")[0].GetProperty("transcript").GetString()!;

    private static IReadOnlyList<double> Tones(byte[] sound, out decimal seconds)
    {
        var listener = new Listener();
        listener.Hear(sound, SoundFormat.Mulaw, new TurnDetection(false, 0.5, 0, 500, false, false, null));
        var stretch = Assert.Single(listener.Stretches);
        seconds = stretch.Seconds;
        return stretch.TonesHz;
    }
}
