using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.OpenAi.Realtime.Sound;

namespace Sandbox.OpenAi.Realtime;

/// <summary>What clients send.</summary>
internal sealed partial class RealtimeSession
{
    private static readonly Dictionary<string, string[]> Fields = new()
    {
        ["session.update"] = ["session"],
        ["input_audio_buffer.append"] = ["audio"],
        ["input_audio_buffer.commit"] = [],
        ["input_audio_buffer.clear"] = [],
        ["conversation.item.create"] = ["item", "previous_item_id"],
        ["conversation.item.truncate"] = ["item_id", "content_index", "audio_end_ms"],
        ["conversation.item.delete"] = ["item_id"],
        ["conversation.item.retrieve"] = ["item_id"],
        ["response.create"] = ["response"],
        ["response.cancel"] = ["response_id"],
        ["output_audio_buffer.clear"] = [],
    };

    /// <summary>Takes one event of a client.</summary>
    public void Receive(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (IsOver)
            {
                return;
            }

            string? eventId = null;
            try
            {
                if (!TryAppend(message))
                {
                    var given = Parse(message);
                    eventId = EventIdOf(given);
                    var type = given["type"]?.GetValueKind() == JsonValueKind.String ? $"{given["type"]}" : throw RealtimeError.Missing("type");
                    CountIn(type);
                    CheckNames(type, given);
                    Handle(type, given);
                }
            }
            catch (Exception odd) when (odd is ArgumentException or InvalidOperationException)
            {
                // A name that stands twice, or half a surrogate pair: JSON that no program can hold.
                Refuse(new RealtimeError("The event could not be read.", code: "invalid_json"), eventId);
            }
            catch (RealtimeError error)
            {
                Refuse(error, eventId ?? (error.Param == "audio" ? EventIdOf(Parse(message)) : null));
            }
        }
    }

    /// <summary>Somebody at the other end of a call speaks, or a test lets audio arrive that came over no socket.</summary>
    public void Hear(ReadOnlySpan<byte> sound, SoundFormat format)
    {
        lock (_gate)
        {
            if (!IsOver)
            {
                Follow(_listener.Hear(sound, format, Config.TurnDetection));
            }
        }
    }

    private static string? EventIdOf(JsonObject given) => given["event_id"]?.GetValueKind() == JsonValueKind.String ? $"{given["event_id"]}" : null;

    private static void CheckNames(string type, JsonObject given)
    {
        if (Fields.TryGetValue(type, out var known)
            && given.Select(field => field.Key).FirstOrDefault(name => name is not ("type" or "event_id") && !known.Contains(name)) is { } unknown)
        {
            throw RealtimeError.Unknown(unknown);
        }
    }

    private static JsonObject Parse(ReadOnlySpan<byte> message)
    {
        try
        {
            var reader = new Utf8JsonReader(message);
            return JsonNode.Parse(ref reader) as JsonObject ?? throw new JsonException();
        }
        catch (Exception broken) when (broken is JsonException or ArgumentException)
        {
            throw new RealtimeError("Invalid JSON. Each message is one JSON object.", code: "invalid_json");
        }
    }

    private void Handle(string type, JsonObject given)
    {
        switch (type)
        {
            case "session.update":
                Update(given["session"] ?? throw RealtimeError.Missing("session"));
                break;
            case "input_audio_buffer.clear":
                _listener.Take();
                _speechItemId = null;
                Emit("input_audio_buffer.cleared");
                break;
            case "input_audio_buffer.commit":
                CommitByHand();
                break;
            case "conversation.item.create":
                AddByHand(ConversationItem.Read(given["item"], NewItemId), Text(given, "previous_item_id"));
                break;
            case "conversation.item.truncate":
                Truncate(given);
                break;
            case "conversation.item.delete":
                var gone = Known(given, "delete");
                _conversation.Remove(gone);
                Emit("conversation.item.deleted", ("item_id", gone.Id));
                break;
            case "conversation.item.retrieve":
                Emit("conversation.item.retrieved", ("item", Known(given, "retrieve").Shape()));
                break;
            case "response.create":
                CreateResponse(given["response"]);
                break;
            case "response.cancel":
                CancelResponse(Text(given, "response_id"));
                break;
            case "output_audio_buffer.clear" when CallId is not null:
                Active?.Cancel("client_cancelled");
                StopPlaying();
                break;
            case "output_audio_buffer.clear":
                throw new RealtimeError("output_audio_buffer.clear is only for WebRTC and SIP connections.", "type", "invalid_value");
            case "input_audio_buffer.append":
                throw RealtimeError.Missing("audio");
            default:
                throw RealtimeError.WrongValue("type", type, string.Join(", ", Fields.Keys.Select(name => $"'{name}'")));
        }
    }

    private void Update(JsonNode session)
    {
        Config.Update(session, _conversation.HasModelSpoken);
        Match();
        if (Script.HalfOpen)
        {
            _sockets.ForEach(socket => socket.Stall());
        }
        else if (!Script.NoUpdate)
        {
            Emit("session.updated", ("session", Config.Shape()));
        }
    }

    private void Match()
    {
        if (!_matched && _scripts.For(Config.Instructions) is { } script)
        {
            Script = script;
            if (script.ExpiresAfterSeconds is { } seconds)
            {
                _expiry.Change(TimeSpan.FromSeconds(seconds), Timeout.InfiniteTimeSpan);
            }
        }

        _matched = true;
    }

    private void AddByHand(ConversationItem item, string? previousItemId)
    {
        _conversation.Add(item, previousItemId);
        if (item is { Type: "message", Text: { } note })
        {
            KeepNote(item.Role!, note);
        }

        Emit("conversation.item.added", ("previous_item_id", _conversation.Before(item)), ("item", item.Shape()));
        ItemDone(item);
    }

    private void Truncate(JsonObject given)
    {
        var item = Known(given, "truncate");
        if (item is not { IsModels: true, Spoken: true })
        {
            throw new RealtimeError("Only model output audio messages can be truncated", "item_id", "invalid_value");
        }

        if (given["content_index"] is null)
        {
            throw RealtimeError.Missing("content_index");
        }

        if (given["audio_end_ms"] is not JsonValue value || !value.TryGetValue<int>(out var end) || end < 0)
        {
            throw given["audio_end_ms"] is null ? RealtimeError.Missing("audio_end_ms") : RealtimeError.WrongType("audio_end_ms", "an integer of at least 0", $"{given["audio_end_ms"]}");
        }

        var length = (int)(item.Seconds * 1000);
        if (end > length)
        {
            throw new RealtimeError($"Audio content of {length}ms is already shorter than {end}ms", "audio_end_ms", "invalid_value");
        }

        (item.Seconds, item.Truncated, item.Text) = (end / 1000m, true, null);
        KeepTruncation(item.Id, end);
        Emit("conversation.item.truncated", ("item_id", item.Id), ("content_index", 0), ("audio_end_ms", end));
    }

    private ConversationItem Known(JsonObject given, string verb)
    {
        var id = Text(given, "item_id") ?? throw RealtimeError.Missing("item_id");
        return _conversation.Find(id) ?? throw new RealtimeError(
            $"Error processing {verb}: the item with id '{id}' does not exist.", "item_id", $"item_{verb}_invalid_item_id");
    }

    private static string? Text(JsonObject given, string name) => given[name] switch
    {
        null => null,
        var value when value.GetValueKind() == JsonValueKind.String => $"{value}",
        var value => throw RealtimeError.WrongType(name, "a string", value.GetValueKind().ToString().ToLowerInvariant()),
    };
}
