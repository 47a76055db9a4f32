using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.OpenAi.Realtime.Sound;
using Sandbox.Replies;

namespace Sandbox.OpenAi.Realtime;

/// <summary>One response: produced piece by piece, faster than it plays, and ended by its end or by a cancellation. All but waiting happens in the session's gate.</summary>
internal sealed partial class ResponseRun
{
    private const int PieceMs = 200;

    private readonly RealtimeSession _session;
    private readonly ModelTurn _turn;
    private readonly JsonObject? _request;
    private readonly bool _speaks;
    private readonly List<ConversationItem> _output = [];
    private readonly SoundFormat _format;
    private readonly long _startedAt = TimeProvider.System.GetTimestamp();
    private readonly RealtimeUsage _input;
    private ConversationItem? _open;
    private string _said = "";
    private long _soundedBytes;

    public ResponseRun(RealtimeSession session, ModelTurn turn, JsonObject? request, RealtimeUsage input)
    {
        (_session, _turn, _request, _input) = (session, turn, request, input);
        InConversation = $"{request?["conversation"]}" != "none";
        _speaks = request?["output_modalities"] is JsonArray wanted ? wanted.Any(one => $"{one}" == "audio") : session.Config.SpeaksAudio;
        _format = SoundFormat.Named($"{request?["audio"]?["output"]?["format"]?["type"]}") ?? session.Config.OutputFormat;
    }

    public string Id { get; } = Ids.New("resp_", 21);
    public bool InConversation { get; }
    public bool IsOver { get; private set; }

    /// <summary>How long what was produced plays.</summary>
    public decimal SoundedSeconds => (decimal)_soundedBytes / _format.BytesPerSecond;

    /// <summary>How long it still plays at the other end.</summary>
    public TimeSpan LeftToHear => TimeSpan.FromSeconds((double)SoundedSeconds) - TimeProvider.System.GetElapsedTime(_startedAt) is var left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>Says that it begins, and begins. Called inside the gate.</summary>
    public void Start()
    {
        _session.Emit("response.created", ("response", Shape("in_progress", null, null)));
        _session.EmitRateLimits(_input.TextIn + _input.AudioIn);
        _ = Task.Run(Produce);
    }

    /// <summary>Ends it where it is; what was generated is paid for. Called inside the gate.</summary>
    public void Cancel(string reason) => End("cancelled", reason);

    private async Task Produce()
    {
        try
        {
            if (_turn.Script is { DelayMs: > 0 } script)
            {
                await Task.Delay(script.DelayMs, _session.Closed);
            }

            if (_turn.Script is { Silent: true })
            {
                _session.Within(() => IsOver || Open(Message()));
                return;
            }

            if (_turn.Say is not null && !await (_speaks ? Speak(_turn.Say) : Write(_turn.Say)))
            {
                return;
            }

            _session.Within(() =>
            {
                if (!IsOver && _turn.Tool is { } tool)
                {
                    Call(tool);
                }

                End(_turn.Script?.Status ?? "completed", null);
                return true;
            });
        }
        catch (OperationCanceledException)
        {
            // The session has ended, and nobody is left to be told.
        }
    }

    private async Task<bool> Speak(string say)
    {
        var bytes = (long)(_turn.Seconds * _format.Rate) * _format.BytesPerSample;
        var most = MaxOutputTokens is JsonValue limit && limit.TryGetValue<int>(out var tokens) ? tokens : int.MaxValue;
        var pieceBytes = _turn.Script?.PiecesBytes ?? _session.Script.PiecesBytes ?? _format.BytesPerSecond * PieceMs / 1000;
        var pieces = Math.Max(1, (bytes + pieceBytes - 1) / pieceBytes);
        var words = say.Split(' ');
        if (!_session.Within(() => !IsOver && Open(Message())))
        {
            return false;
        }

        for (long piece = 0; piece < pieces; piece++)
        {
            await Pace((decimal)piece * pieceBytes / _format.BytesPerSecond);
            var (from, to) = ((int)(words.Length * piece / pieces), (int)(words.Length * (piece + 1) / pieces));
            var text = string.Concat(words[from..to].Select(word => word + " "));
            text = to == words.Length ? text.TrimEnd() : text;
            var length = (int)Math.Min(pieceBytes, bytes - piece * pieceBytes);
            var goesOn = _session.Within(() =>
            {
                if (IsOver)
                {
                    return false;
                }

                if (Usage.TextOut + Usage.AudioOut >= most)
                {
                    End("incomplete", "max_output_tokens");
                    return false;
                }

                Say(text, length);
                return true;
            });
            if (!goesOn)
            {
                return false;
            }
        }

        return true;
    }

    private void Say(string text, int bytes)
    {
        if (text.Length > 0)
        {
            _said += text;
            _session.Emit("response.output_audio_transcript.delta",
                ("response_id", Id), ("item_id", _open!.Id), ("output_index", _output.Count - 1), ("content_index", 0), ("delta", text));
        }

        if (bytes > 0)
        {
            _session.EmitAudio(Id, _open!.Id, _output.Count - 1, Tone.Piece(_format, _turn.ToneHz, _soundedBytes, bytes));
            _soundedBytes += bytes;
            _open.WasHeard = true;
            if (!_open.Truncated)
            {
                _open.Seconds = SoundedSeconds;
            }
        }
    }

    private Task<bool> Write(string say) => Task.FromResult(_session.Within(() =>
    {
        if (IsOver)
        {
            return false;
        }

        Open(Message());
        _said = say;
        _session.Emit("response.output_text.delta",
            ("response_id", Id), ("item_id", _open!.Id), ("output_index", _output.Count - 1), ("content_index", 0), ("delta", say));
        return true;
    }));

    private void Call(ScriptedTool tool)
    {
        Shut("completed");
        var item = new ConversationItem
        {
            Id = RealtimeSession.NewItemId(),
            Type = "function_call",
            Status = "in_progress",
            CallId = Ids.New("call_", 16),
            Name = tool.Name,
            Arguments = "",
        };
        Open(item);
        item.Arguments = tool.ArgumentsText;
        _session.Emit("response.function_call_arguments.delta",
            ("response_id", Id), ("item_id", item.Id), ("output_index", _output.Count - 1), ("call_id", item.CallId), ("delta", item.Arguments));
        _session.Emit("response.function_call_arguments.done",
            ("response_id", Id), ("item_id", item.Id), ("output_index", _output.Count - 1), ("call_id", item.CallId), ("name", item.Name), ("arguments", item.Arguments));
    }

    private void End(string status, string? reason)
    {
        if (IsOver)
        {
            return;
        }

        IsOver = true;
        Shut(status == "completed" ? "completed" : "incomplete");
        reason ??= status switch { "cancelled" => "client_cancelled", "incomplete" => "content_filter", _ => null };
        _session.ResponseOver(this, Usage, Shape(status, reason, Usage));
    }

    private RealtimeUsage Usage => _input with
    {
        TextOut = Tokens.Of(_said) + _output.Where(item => item.Type == "function_call").Sum(item => Tokens.Of(item.Name + item.Arguments)),
        AudioOut = (int)Math.Ceiling(SoundedSeconds * ConversationItem.ModelTokensASecond),
    };

    private JsonNode? MaxOutputTokens => _request?["max_output_tokens"]?.DeepClone() ?? _session.Config["max_output_tokens"];

    private async Task Pace(decimal soundedSeconds)
    {
        if (_session.Script.AtOnce)
        {
            return;
        }

        var due = TimeSpan.FromSeconds((double)(soundedSeconds / _session.Script.Speed)) + TimeSpan.FromMilliseconds(_turn.Script?.DelayMs ?? 0);
        var wait = due - TimeProvider.System.GetElapsedTime(_startedAt);
        if (wait > TimeSpan.FromMilliseconds(1))
        {
            await Task.Delay(wait, _session.Closed);
        }
    }
}
