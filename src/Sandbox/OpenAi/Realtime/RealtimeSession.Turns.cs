using System.Text.Json.Nodes;
using Sandbox.OpenAi.Realtime.Sound;
using Sandbox.Replies;

namespace Sandbox.OpenAi.Realtime;

/// <summary>Who speaks when: what was heard becomes an item, an item is answered, an answer is interrupted.</summary>
internal sealed partial class RealtimeSession
{
    private readonly Queue<ConversationItem> _toWriteDown = [];

    // The response that the person at the other end of a call still hears.
    private string? _playing;

    /// <summary>Enters what the model says into the conversation. Called inside the gate.</summary>
    public void AddItem(ConversationItem item)
    {
        _conversation.Add(item);
        Emit("conversation.item.added", ("previous_item_id", _conversation.Before(item)), ("item", item.Shape()));
    }

    /// <summary>Says that an item is complete. Called inside the gate.</summary>
    public void ItemDone(ConversationItem item) =>
        Emit("conversation.item.done", ("previous_item_id", _conversation.Before(item)), ("item", item.Shape()));

    /// <summary>Says that a response has ended, and writes down what was said before it. Called inside the gate.</summary>
    public void ResponseOver(ResponseRun run, RealtimeUsage usage, JsonObject shape)
    {
        _running.Remove(run);
        Count(usage);
        Emit("response.done", ("response", shape));
        if (_playing == run.Id)
        {
            if ($"{shape["status"]}" == "cancelled")
            {
                StopPlaying();
            }
            else
            {
                _ = PlayToTheEnd(run);
            }
        }

        WriteDown();
        if (run.InConversation && Config.TurnDetection.IdleMs is { } idle)
        {
            // What is still to be heard of the answer is no silence.
            SetIdle(TimeSpan.FromMilliseconds(idle) + run.LeftToHear);
        }
    }

    private void StopPlaying()
    {
        if (_playing is { } playing)
        {
            _playing = null;
            Emit("output_audio_buffer.cleared", ("response_id", playing));
        }
    }

    private async Task PlayToTheEnd(ResponseRun run)
    {
        try
        {
            await Task.Delay(run.LeftToHear, Closed);
            Within(() =>
            {
                if (_playing == run.Id)
                {
                    _playing = null;
                    Emit("output_audio_buffer.stopped", ("response_id", run.Id));
                }

                return true;
            });
        }
        catch (OperationCanceledException)
        {
            // The call has ended in the middle of the sentence.
        }
    }

    private ResponseRun? Active => _running.Find(run => run.InConversation);

    private void Follow(IReadOnlyList<SpeechEdge> edges)
    {
        foreach (var edge in edges)
        {
            if (edge.Finished is { } turn)
            {
                Emit("input_audio_buffer.speech_stopped", ("audio_end_ms", edge.AtMs), ("item_id", _speechItemId ??= NewItemId()));
                Commit(turn);
                Answer(Config.TurnDetection.Creates);
                continue;
            }

            SetIdle(Timeout.InfiniteTimeSpan);
            _speechItemId = NewItemId();
            Emit("input_audio_buffer.speech_started", ("audio_start_ms", edge.AtMs), ("item_id", _speechItemId));
            if (Config.TurnDetection.Interrupts)
            {
                Active?.Cancel("turn_detected");
            }
        }
    }

    private void Commit(HeardTurn turn)
    {
        var item = new ConversationItem
        {
            Id = _speechItemId ?? NewItemId(),
            Type = "message",
            Role = "user",
            Spoken = true,
            Seconds = turn.BufferedSeconds,
            SoundSeconds = turn.Seconds,
            ToneHz = turn.ToneHz,
        };
        _speechItemId = null;
        _conversation.Add(item);
        Emit("input_audio_buffer.committed", ("previous_item_id", _conversation.Before(item)), ("item_id", item.Id));
        Emit("conversation.item.added", ("previous_item_id", _conversation.Before(item)), ("item", item.Shape()));
        ItemDone(item);
        if (Config.TranscriptionModel is not null)
        {
            _toWriteDown.Enqueue(item);
        }
    }

    private void Answer(bool wanted)
    {
        if (!wanted)
        {
            WriteDown();
        }
        else if (Active is { } active)
        {
            Refuse(AlreadyActive(active), null);
        }
        else
        {
            Begin(null);
        }
    }

    private void CommitByHand()
    {
        if (_listener.BufferedMs < 100)
        {
            throw new RealtimeError(
                FormattableString.Invariant($"Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has {_listener.BufferedMs:0.00}ms of audio."),
                code: "input_audio_buffer_commit_empty");
        }

        Commit(_listener.Take());
        WriteDown();
    }

    private void CreateResponse(JsonNode? asked)
    {
        if (asked is not null)
        {
            SessionFields.CheckResponse(asked);
        }

        var request = asked as JsonObject;
        if ($"{request?["conversation"]}" != "none" && Active is { } active)
        {
            throw AlreadyActive(active);
        }

        Begin(request);
    }

    private static RealtimeError AlreadyActive(ResponseRun active) => new(
        $"Conversation already has an active response in progress: {active.Id}. Wait until the response is finished before creating a new one.",
        code: "conversation_already_has_active_response");

    private void CancelResponse(string? id)
    {
        var run = id is null ? Active : _running.Find(one => one.Id == id);
        if (run is null)
        {
            throw new RealtimeError("Cancellation failed: no active response found", id is null ? null : "response_id", "response_cancel_not_active");
        }

        run.Cancel("client_cancelled");
    }

    private void Begin(JsonObject? request)
    {
        SetIdle(Timeout.InfiniteTimeSpan);
        // A response outside the conversation is no turn of the script.
        var apart = $"{request?["conversation"]}" == "none";
        var scripted = !apart && _nextTurn < Script.Turns.Count ? Script.Turns[_nextTurn++] : null;
        var context = request?["input"] is JsonArray input ? [.. input.Select(item => ConversationItem.Read(item, NewItemId))] : _conversation.Unanswered;
        var run = new ResponseRun(this, ModelTurn.Next(scripted, context, _conversation.HasModelSpoken, Config), request, InputOf(request, context));
        _running.Add(run);
        run.Start();
    }

    /// <summary>The whole context is paid for in each turn; what was read in the turn before comes from the cache.</summary>
    private RealtimeUsage InputOf(JsonObject? request, IReadOnlyList<ConversationItem> context)
    {
        var given = request?["input"] is JsonArray;
        var text = (given ? context.Sum(item => item.TextTokens) : _conversation.TextTokens)
            + (request?["instructions"] is { } instructions ? Tokens.Of($"{instructions}") : Config.FixedTokens);
        var audio = given ? context.Sum(item => item.AudioTokens) : _conversation.AudioTokens;
        var usage = new RealtimeUsage(text, audio, Math.Min(_cachedText, text), Math.Min(_cachedAudio, audio), 0, 0);
        if (!given)
        {
            (_cachedText, _cachedAudio) = (text, audio);
        }

        return usage;
    }

    /// <summary>Transcription runs beside the model and is ready after it.</summary>
    private void WriteDown()
    {
        while (_toWriteDown.TryDequeue(out var item))
        {
            string? text = item.SoundSeconds == 0 ? ""
                : item.ToneHz is { } hz ? FormattableString.Invariant($"A tone of {hz:0.#} hertz for {item.SoundSeconds:0.##} seconds.")
                : FormattableString.Invariant($"Sound for {item.SoundSeconds:0.##} seconds.");
            if (_nextTranscript < Script.Transcribe.Count && (text = Script.Transcribe[_nextTranscript++]) is null)
            {
                Emit("conversation.item.input_audio_transcription.failed", ("item_id", item.Id), ("content_index", 0), ("error", new JsonObject
                {
                    ["type"] = "server_error",
                    ["code"] = "audio_unintelligible",
                    ["message"] = "The audio could not be transcribed.",
                }));
                continue;
            }

            item.Text = text;
            Emit("conversation.item.input_audio_transcription.delta", ("item_id", item.Id), ("content_index", 0), ("delta", text));
            Emit("conversation.item.input_audio_transcription.completed",
                ("item_id", item.Id), ("content_index", 0), ("transcript", text), ("usage", TranscriptionUsage(item, text)));
        }
    }

    private JsonObject TranscriptionUsage(ConversationItem item, string text)
    {
        if (Config.TranscriptionModel == OpenAiModels.Whisper)
        {
            return new JsonObject { ["type"] = "duration", ["seconds"] = Math.Ceiling(item.Seconds) };
        }

        var spoken = Tokens.Of(text);
        return new JsonObject
        {
            ["type"] = "tokens",
            ["total_tokens"] = item.AudioTokens + spoken,
            ["input_tokens"] = item.AudioTokens,
            ["input_token_details"] = new JsonObject { ["text_tokens"] = 0, ["audio_tokens"] = item.AudioTokens },
            ["output_tokens"] = spoken,
        };
    }

    private void SetIdle(TimeSpan after)
    {
        if (!IsOver)
        {
            _idle.Change(after, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Nobody has spoken for as long as the session says, so the model does.</summary>
    private void BreakTheSilence()
    {
        lock (_gate)
        {
            if (IsOver || _listener.Speaking || Active is not null || Config.TurnDetection.IdleMs is null)
            {
                return;
            }

            _speechItemId = NewItemId();
            var silence = _listener.Take();
            Emit("input_audio_buffer.timeout_triggered",
                ("audio_start_ms", Math.Max(0, _listener.NowMs - (long)(silence.BufferedSeconds * 1000))), ("audio_end_ms", _listener.NowMs), ("item_id", _speechItemId));
            Commit(silence with { ToneHz = null, Seconds = 0 });
            Begin(null);
        }
    }
}
