using System.Text.Json;
using Xunit;

namespace Tests.Sandbox;

/// <summary>Turns that do not go straight: interruptions, cuts, tools, notes, silence.</summary>
public sealed class OpenAiRealtimeTurnTests
{
    private static readonly object Greet = new { type = "response.create" };

    [Fact]
    public async Task WhoSpeaksInterruptsAndWhatWasGeneratedIsPaidFor()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { turns = new[] { new { say = "One two three four five six seven eight nine ten.", seconds = 60 } } });
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await caller.Send(Greet);
        await caller.Until("response.output_audio.delta");
        await caller.Send(Greet);
        var refused = (await caller.Until("error")).GetProperty("error");
        Assert.Equal("conversation_already_has_active_response", refused.GetProperty("code").GetString());

        await caller.Speak(300, 0.2);
        var cancelled = (await caller.Until("response.done")).GetProperty("response");
        Assert.Equal(("cancelled", "turn_detected"), (cancelled.GetProperty("status").GetString(), cancelled.GetProperty("status_details").GetProperty("reason").GetString()));
        var seconds = caller.Sound(cancelled.GetProperty("id").GetString()!).Length / 8000m;
        Assert.InRange(seconds, 0.2m, 30);
        Assert.Equal((int)Math.Ceiling(seconds * 20), cancelled.GetProperty("usage").GetProperty("output_token_details").GetProperty("audio_tokens").GetInt32());
        Assert.Equal("incomplete", cancelled.GetProperty("output")[0].GetProperty("status").GetString());

        await caller.Speak(300, 0.4);
        await caller.Speak(null, 0.4);
        Assert.Equal("I heard a tone of 300 hertz for 0.6 seconds.", Said(await caller.Until("response.done")));
    }

    [Fact]
    public async Task TheClientCancelsAndIsToldWhenThereIsNothingToCancel()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { turns = new[] { new { seconds = 60 } } });
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await caller.Send(Greet);
        await caller.Until("response.output_audio.delta");
        await caller.Send(new { type = "response.cancel", response_id = "resp_other" });
        Assert.Equal("response_cancel_not_active", Code(await caller.Until("error")));
        await caller.Send(new { type = "response.cancel" });
        Assert.Equal("client_cancelled", (await caller.Until("response.done")).GetProperty("response").GetProperty("status_details").GetProperty("reason").GetString());
        await caller.Send(new { type = "response.cancel", event_id = "cl_9" });
        var error = await caller.Until("error");
        Assert.Equal(("response_cancel_not_active", "cl_9"), (Code(error), error.GetProperty("error").GetProperty("event_id").GetString()));
    }

    [Fact]
    public async Task ACutIsMadeWhereItCanBe()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await caller.Send(Greet);
        var item = (await caller.Until("response.done")).GetProperty("response").GetProperty("output")[0].GetProperty("id").GetString();
        await Cut(item, 1_201);
        Assert.Equal("Audio content of 1200ms is already shorter than 1201ms", Message(await caller.Until("error")));
        await Cut(item, 480);
        Assert.Equal(480, (await caller.Until("conversation.item.truncated")).GetProperty("audio_end_ms").GetInt32());
        await Cut(item, 481);
        Assert.Equal("Audio content of 480ms is already shorter than 481ms", Message(await caller.Until("error")));
        await Cut("item_unknown", 1);
        Assert.Equal("item_truncate_invalid_item_id", Code(await caller.Until("error")));
        await caller.Send(new { type = "conversation.item.create", item = new { id = "note_1", type = "message", role = "system", content = new[] { new { type = "input_text", text = "60 seconds of credit are left." } } } });
        await caller.Until("conversation.item.done");
        await Cut("note_1", 1);
        Assert.Equal("Only model output audio messages can be truncated", Message(await caller.Until("error")));

        await caller.Send(Greet);
        var goodbye = await caller.Until("response.done");
        Assert.Contains("Goodbye", Said(goodbye), StringComparison.Ordinal);
        // Of the greeting only what was left counts.
        Assert.Equal(10, goodbye.GetProperty("response").GetProperty("usage").GetProperty("input_token_details").GetProperty("audio_tokens").GetInt32());
        var seen = (await sandbox.Get("/_sandbox/openai/realtime/sessions"))[0];
        Assert.Equal(480, seen.GetProperty("truncations")[0].GetProperty("audio_end_ms").GetInt32());
        Assert.Equal("60 seconds of credit are left.", seen.GetProperty("notes")[0].GetProperty("text").GetString());

        async Task Cut(string? id, int end) => await caller.Send(new { type = "conversation.item.truncate", item_id = id, content_index = 0, audio_end_ms = end });
    }

    [Fact]
    public async Task AToolIsCalledByScriptAndByNote()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { turns = new[] { new { say = "One moment.", tool = new { name = "book", arguments = new { start = "2026-12-01T14:00" } } } } });
        object[] tools = [new { type = "function", name = "book", description = "Books.", parameters = new { type = "object" } }];
        await using var caller = await RealtimeCaller.Phone(sandbox, tools: tools);
        await caller.Speak(325, 0.5);
        await caller.Speak(null, 0.5);
        var call = await caller.Until("response.function_call_arguments.done");
        Assert.Equal("""{"start":"2026-12-01T14:00"}""", call.GetProperty("arguments").GetString());
        var output = (await caller.Until("response.done")).GetProperty("response").GetProperty("output");
        Assert.Equal(["message", "function_call"], output.EnumerateArray().Select(item => item.GetProperty("type").GetString()));
        await Answer(call, "Booked for Tuesday.");
        Assert.Equal("The tool answered: Booked for Tuesday.", Said(await caller.Until("response.done")));

        await caller.Send(new { type = "conversation.item.create", item = new { type = "message", role = "user", content = new[] { new { type = "input_text", text = """[use tool book {"start":1}]""" } } } });
        await caller.Send(Greet);
        call = await caller.Until("response.function_call_arguments.done");
        Assert.Equal(("book", """{"start":1}"""), (call.GetProperty("name").GetString(), call.GetProperty("arguments").GetString()));
        await caller.Until("response.done");
        await caller.Send(new { type = "conversation.item.create", item = new { type = "function_call_output", call_id = "call_nobody", output = "" } });
        Assert.Equal("invalid_tool_call_id", Code(await caller.Until("error")));

        async Task Answer(JsonElement asked, string said)
        {
            await caller.Send(new { type = "conversation.item.create", item = new { type = "function_call_output", call_id = asked.GetProperty("call_id").GetString(), output = said } });
            await caller.Send(Greet);
        }
    }

    [Fact]
    public async Task WhatWasSaidIsWrittenDownAfterTheAnswer()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { transcribe = new[] { "Hi, can you book me in?", null } });
        await using var caller = await RealtimeCaller.Phone(sandbox, transcription: new { model = "gpt-4o-mini-transcribe" });
        await Turn();
        var written = await caller.Until("conversation.item.input_audio_transcription.completed");
        Assert.Equal("Hi, can you book me in?", written.GetProperty("transcript").GetString());
        Assert.Equal(13, written.GetProperty("usage").GetProperty("input_token_details").GetProperty("audio_tokens").GetInt32());
        Assert.True(caller.Types.ToList().IndexOf("response.done") < caller.Types.ToList().IndexOf(written.GetProperty("type").GetString()!));
        await Turn();
        await caller.Until("conversation.item.input_audio_transcription.failed");
        await Turn();
        Assert.Equal("A tone of 350 hertz for 1 seconds.", (await caller.Until("conversation.item.input_audio_transcription.completed")).GetProperty("transcript").GetString());

        async Task Turn()
        {
            await caller.Speak(350, 1);
            await caller.Speak(null, 0.4);
            await caller.Until("response.done");
        }
    }

    [Fact]
    public async Task SilenceIsBrokenWhenItHasLastedLongEnough()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { at_once = true });
        await using var caller = await RealtimeCaller.Phone(sandbox, new { type = "server_vad", idle_timeout_ms = 8_000 });
        await caller.Send(Greet);
        var greeting = (await caller.Until("response.done")).GetProperty("response").GetProperty("output")[0].GetProperty("id").GetString();
        await caller.Speak(null, 0.2);
        // Answered after the silence was heard.
        await caller.Send(new { type = "conversation.item.retrieve", item_id = greeting });
        await caller.Until("conversation.item.retrieved");
        sandbox.Clock.Advance(TimeSpan.FromSeconds(10));
        var broken = await caller.Until("input_audio_buffer.timeout_triggered");
        Assert.Equal((0, 200), (broken.GetProperty("audio_start_ms").GetInt32(), broken.GetProperty("audio_end_ms").GetInt32()));
        Assert.Equal("Are you still there?", Said(await caller.Until("response.done")));
    }

    [Fact]
    public async Task AnAnswerThatNeverSoundsIsAskedForAgain()
    {
        await using var sandbox = await SandboxHost.Start();
        await sandbox.Post("/_sandbox/openai/realtime", new { turns = new object[] { new { silent = true }, new { status = "failed" } } });
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await caller.Speak(400, 0.5);
        await caller.Speak(null, 0.5);
        await caller.Until("response.content_part.added");
        await caller.Send(new { type = "response.cancel" });
        await caller.Until("response.done");
        await caller.Send(Greet);
        var failed = (await caller.Until("response.done")).GetProperty("response");
        Assert.Equal(("failed", "server_error"), (failed.GetProperty("status").GetString(), failed.GetProperty("status_details").GetProperty("error").GetProperty("code").GetString()));
        await caller.Send(Greet);
        Assert.Equal("I heard a tone of 400 hertz for 0.5 seconds.", Said(await caller.Until("response.done")));
    }

    [Fact]
    public async Task BesideTheConversationItWrites()
    {
        await using var sandbox = await SandboxHost.Start();
        await using var caller = await RealtimeCaller.Phone(sandbox);
        await caller.Send(new { type = "response.create", response = new { conversation = "none", output_modalities = new[] { "text" }, metadata = new { purpose = "summary" }, instructions = "Summarise." } });
        var apart = (await caller.Until("response.done")).GetProperty("response");
        Assert.Equal("summary", apart.GetProperty("metadata").GetProperty("purpose").GetString());
        Assert.False(apart.TryGetProperty("conversation_id", out _));
        Assert.Contains("response.output_text.done", caller.Types);
        Assert.DoesNotContain("conversation.item.added", caller.Types);
        await caller.Send(new { type = "response.create", response = new { max_output_tokens = 10 } });
        var cut = (await caller.Until("response.done")).GetProperty("response");
        Assert.Equal(("incomplete", "max_output_tokens"), (cut.GetProperty("status").GetString(), cut.GetProperty("status_details").GetProperty("reason").GetString()));
    }

    private static string Said(JsonElement done) => done.GetProperty("response").GetProperty("output")[0].GetProperty("content")[0].GetProperty("transcript").GetString()!;

    private static string? Code(JsonElement error) => error.GetProperty("error").GetProperty("code").GetString();

    private static string? Message(JsonElement error) => error.GetProperty("error").GetProperty("message").GetString();
}
