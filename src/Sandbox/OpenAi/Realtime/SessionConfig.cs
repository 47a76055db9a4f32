using System.Text.Json.Nodes;
using Sandbox.OpenAi.Realtime.Sound;
using Sandbox.Replies;

namespace Sandbox.OpenAi.Realtime;

/// <summary>The configuration in force: the provider's defaults, and what updates have changed of them.</summary>
internal sealed class SessionConfig
{
    /// <summary>How long a session lasts.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(60);

    private readonly JsonObject _shape;

    public SessionConfig(string id, string model, DateTimeOffset expiresAt)
    {
        Model = model;
        _shape = new JsonObject
        {
            ["type"] = "realtime",
            ["object"] = "realtime.session",
            ["id"] = id,
            ["model"] = model,
            ["expires_at"] = expiresAt.ToUnixTimeSeconds(),
            ["output_modalities"] = new JsonArray("audio"),
            ["instructions"] = "You are a helpful, witty, and friendly AI. Talk quickly.",
            ["tools"] = new JsonArray(),
            ["tool_choice"] = "auto",
            ["max_output_tokens"] = "inf",
            ["tracing"] = null,
            ["truncation"] = "auto",
            ["prompt"] = null,
            ["audio"] = new JsonObject
            {
                ["input"] = new JsonObject { ["format"] = Pcm(), ["turn_detection"] = Detection("server_vad") },
                ["output"] = new JsonObject { ["format"] = Pcm(), ["voice"] = "alloy", ["speed"] = 1 },
            },
        };
        WorkOut();
    }

    public string Model { get; }
    public SoundFormat InputFormat { get; private set; } = SoundFormat.Pcm;
    public SoundFormat OutputFormat { get; private set; } = SoundFormat.Pcm;
    public TurnDetection TurnDetection { get; private set; } = null!;

    /// <summary>The model that writes down what callers say; null when nobody asked for it.</summary>
    public string? TranscriptionModel { get; private set; }

    public string Instructions => $"{_shape["instructions"]}";
    public bool SpeaksAudio => ((JsonArray)_shape["output_modalities"]!).Any(one => $"{one}" == "audio");

    /// <summary>What instructions and tools count in every turn.</summary>
    public int FixedTokens { get; private set; }

    /// <summary>As <c>session.created</c> and <c>session.updated</c> show it.</summary>
    public JsonObject Shape() => (JsonObject)_shape.DeepClone();

    public JsonNode? this[string name] => _shape[name]?.DeepClone();

    public JsonObject Output => (JsonObject)_shape["audio"]!["output"]!;

    public bool HasTool(string name) => ((JsonArray)_shape["tools"]!).Any(tool => $"{tool!["name"]}" == name);

    /// <summary>Changes the fields that are there and no others, all of them or, when one is refused, none.</summary>
    public void Update(JsonNode? given, bool hasSpoken, string path = "session")
    {
        SessionFields.CheckSession(given, path);
        var update = (JsonObject)given!;
        if (update["model"] is { } model && $"{model}" != Model)
        {
            throw new RealtimeError("Cannot update a session's model after it has been created.", $"{path}.model", "cannot_update_model");
        }

        if (hasSpoken && update["audio"]?["output"]?["voice"] is { } voice && !JsonNode.DeepEquals(voice, Output["voice"]))
        {
            throw new RealtimeError("Cannot update a conversation's voice if assistant audio is present.", $"{path}.audio.output.voice", "cannot_update_voice");
        }

        foreach (var (name, value) in update)
        {
            if (name == "audio")
            {
                Merge((JsonObject)_shape["audio"]!, (JsonObject)value!, 1);
            }
            else
            {
                _shape[name] = value?.DeepClone();
            }
        }

        WorkOut();
    }

    private static void Merge(JsonObject into, JsonObject from, int depth)
    {
        foreach (var (name, value) in from)
        {
            if (name == "turn_detection" && value is JsonObject detection)
            {
                var type = $"{detection["type"]}";
                var whole = into[name] is JsonObject now && $"{now["type"]}" == type ? now : Detection(type);
                foreach (var (field, one) in detection)
                {
                    whole[field] = one?.DeepClone();
                }

                if (!ReferenceEquals(into[name], whole))
                {
                    into[name] = whole;
                }
            }
            else if (name == "format")
            {
                into[name] = $"{value!["type"]}" == SoundFormat.Pcm.Name ? Pcm() : value.DeepClone();
            }
            else if (depth > 0 && value is JsonObject inner && into[name] is JsonObject known)
            {
                Merge(known, inner, depth - 1);
            }
            else if (value is null && name != "turn_detection")
            {
                // Where the published type is no union with null, nothing is said by leaving it out.
                into.Remove(name);
            }
            else
            {
                into[name] = value?.DeepClone();
            }
        }
    }

    private static JsonObject Pcm() => new() { ["type"] = SoundFormat.Pcm.Name, ["rate"] = SoundFormat.Pcm.Rate };

    private static JsonObject Detection(string type) => type == "server_vad"
        ? new()
        {
            ["type"] = type,
            ["threshold"] = 0.5,
            ["prefix_padding_ms"] = 300,
            ["silence_duration_ms"] = 200,
            ["idle_timeout_ms"] = null,
            ["create_response"] = true,
            ["interrupt_response"] = true,
        }
        : new() { ["type"] = type, ["eagerness"] = "auto", ["create_response"] = true, ["interrupt_response"] = true };

    private void WorkOut()
    {
        var input = (JsonObject)_shape["audio"]!["input"]!;
        InputFormat = SoundFormat.Named($"{input["format"]!["type"]}")!;
        OutputFormat = SoundFormat.Named($"{Output["format"]!["type"]}")!;
        TranscriptionModel = input["transcription"] is JsonObject transcription ? $"{transcription["model"] ?? "gpt-4o-mini-transcribe"}" : null;
        FixedTokens = Tokens.Of(Instructions) + (_shape["tools"] is JsonArray { Count: > 0 } tools ? Tokens.Of(tools.ToJsonString()) : 0);
        TurnDetection = DetectionOf(input["turn_detection"] as JsonObject);
    }

    private static TurnDetection DetectionOf(JsonObject? detection)
    {
        if (detection is null)
        {
            return new TurnDetection(false, 0.5, 0, int.MaxValue, false, false, null);
        }

        var creates = (bool?)detection["create_response"] ?? true;
        var interrupts = (bool?)detection["interrupt_response"] ?? true;
        // A model that waits for the sense of what was said waits longer; nothing here has sense, so it is only the waiting.
        return $"{detection["type"]}" == "semantic_vad"
            ? new TurnDetection(true, 0.5, 300, $"{detection["eagerness"]}" switch { "low" => 1_500, "high" => 500, _ => 800 }, creates, interrupts, null)
            : new TurnDetection(true, (double)detection["threshold"]!, (int)detection["prefix_padding_ms"]!, (int)detection["silence_duration_ms"]!,
                creates, interrupts, (int?)detection["idle_timeout_ms"]);
    }
}
