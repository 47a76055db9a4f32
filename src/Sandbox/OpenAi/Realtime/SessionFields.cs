using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sandbox.OpenAi.Realtime;

/// <summary>Which fields a session may have, and of what kind each is; whatever is not published is refused by its name.</summary>
internal static class SessionFields
{
    private delegate void Check(JsonNode? value, string path);

    private static readonly Check Text = Kind("a string", JsonValueKind.String);
    private static readonly Check Flag = Kind("a boolean", JsonValueKind.True, JsonValueKind.False);
    private static readonly Check Anything = (_, _) => { };

    private static readonly Dictionary<string, Check> Format = new()
    {
        ["type"] = OneOf("audio/pcm", "audio/pcmu", "audio/pcma"),
        ["rate"] = Number(24_000, 24_000),
    };

    private static readonly Dictionary<string, Check> Reply = new()
    {
        ["output_modalities"] = (value, path) => Each(value, path, OneOf("text", "audio")),
        ["instructions"] = Text,
        ["tools"] = (value, path) => Each(value, path, Fields(Tool, "type")),
        ["tool_choice"] = (value, path) =>
        {
            if (value is not JsonObject)
            {
                OneOf("none", "auto", "required")(value, path);
            }
        },
        ["parallel_tool_calls"] = Flag,
        ["reasoning"] = Fields(new() { ["effort"] = OneOf("minimal", "low", "medium", "high", "xhigh") }),
        ["max_output_tokens"] = (value, path) =>
        {
            if (value?.GetValueKind() == JsonValueKind.Number)
            {
                Number(1, 4_096)(value, path);
            }
            else
            {
                OneOf("inf")(value, path);
            }
        },
        ["prompt"] = Anything,
    };

    private static Dictionary<string, Check> Tool => new()
    {
        ["type"] = OneOf("function"),
        ["name"] = Text,
        ["description"] = Text,
        ["parameters"] = Kind("an object", JsonValueKind.Object),
    };

    private static readonly Dictionary<string, Check> Session = new(Reply)
    {
        ["type"] = OneOf("realtime"),
        ["model"] = Text,
        ["audio"] = Fields(new() { ["input"] = Fields(Input), ["output"] = Fields(Output) }),
        ["include"] = (value, path) => Each(value, path, OneOf("item.input_audio_transcription.logprobs")),
        ["tracing"] = Anything,
        ["truncation"] = (value, path) =>
        {
            if (value is JsonObject)
            {
                Fields(Truncation, "type")(value, path);
            }
            else
            {
                OneOf("auto", "disabled")(value, path);
            }
        },
    };

    private static readonly Dictionary<string, Check> Response = new(Reply)
    {
        ["audio"] = Fields(new() { ["output"] = Fields(new() { ["format"] = Fields(Format, "type"), ["voice"] = Voice }) }),
        ["conversation"] = Text,
        ["metadata"] = Anything,
        ["input"] = (value, path) => Each(value, path, Kind("an object", JsonValueKind.Object)),
    };

    private static Dictionary<string, Check> Truncation => new()
    {
        ["type"] = OneOf("retention_ratio"),
        ["retention_ratio"] = (value, path) => Range(value, path, 0, 1),
        ["token_limits"] = Fields(new() { ["post_instructions"] = Number(0, int.MaxValue) }),
    };

    private static Dictionary<string, Check> Input => new()
    {
        ["format"] = Fields(Format, "type"),
        ["transcription"] = OrNull(Fields(new()
        {
            ["model"] = Text,
            ["language"] = Text,
            ["languages"] = Anything,
            ["keywords"] = Anything,
            ["prompt"] = Text,
            ["delay"] = Text,
        })),
        ["noise_reduction"] = OrNull(Fields(new() { ["type"] = OneOf("near_field", "far_field") })),
        ["turn_detection"] = OrNull(Detection),
    };

    private static Dictionary<string, Check> Output => new()
    {
        ["format"] = Fields(Format, "type"),
        ["voice"] = Voice,
        ["speed"] = (value, path) => Range(value, path, 0.25m, 1.5m),
    };

    /// <summary>The session of a <c>session.update</c>.</summary>
    public static void CheckSession(JsonNode? session, string path = "session") => Fields(Session, "type")(session, path);

    /// <summary>The response of a <c>response.create</c>.</summary>
    public static void CheckResponse(JsonNode? response) => Fields(Response)(response, "response");

    private static void Detection(JsonNode? value, string path)
    {
        var server = $"{(value as JsonObject)?["type"]}" != "semantic_vad";
        var fields = new Dictionary<string, Check>
        {
            ["type"] = OneOf("server_vad", "semantic_vad"),
            ["create_response"] = Flag,
            ["interrupt_response"] = Flag,
        };
        if (server)
        {
            fields["threshold"] = (number, at) => Range(number, at, 0, 1);
            fields["prefix_padding_ms"] = Number(0, 5_000);
            fields["silence_duration_ms"] = Number(0, 60_000);
            fields["idle_timeout_ms"] = OrNull(Number(5_000, 30_000));
        }
        else
        {
            fields["eagerness"] = OneOf("low", "medium", "high", "auto");
        }

        Fields(fields, "type")(value, path);
    }

    private static void Voice(JsonNode? value, string path)
    {
        if (value is not JsonObject)
        {
            OneOf("alloy", "ash", "ballad", "coral", "echo", "sage", "shimmer", "verse", "marin", "cedar")(value, path);
        }
    }

    private static Check Fields(Dictionary<string, Check> fields, string? required = null) => (value, path) =>
    {
        Kind("an object", JsonValueKind.Object)(value, path);
        var given = (JsonObject)value!;
        if (required is not null && !given.ContainsKey(required))
        {
            throw RealtimeError.Missing($"{path}.{required}");
        }

        foreach (var (name, inner) in given)
        {
            if (!fields.TryGetValue(name, out var check))
            {
                throw RealtimeError.Unknown($"{path}.{name}");
            }

            check(inner, $"{path}.{name}");
        }
    };

    private static void Each(JsonNode? value, string path, Check check)
    {
        Kind("an array", JsonValueKind.Array)(value, path);
        var at = 0;
        foreach (var one in (JsonArray)value!)
        {
            check(one, string.Create(CultureInfo.InvariantCulture, $"{path}[{at++}]"));
        }
    }

    private static Check OrNull(Check check) => (value, path) =>
    {
        if (value is not null)
        {
            check(value, path);
        }
    };

    private static Check Kind(string word, params JsonValueKind[] kinds) => (value, path) =>
    {
        var got = value?.GetValueKind() ?? JsonValueKind.Null;
        if (!kinds.Contains(got))
        {
            throw RealtimeError.WrongType(path, word, got.ToString().ToLowerInvariant());
        }
    };

    private static Check OneOf(params string[] values) => (value, path) =>
    {
        Text(value, path);
        if (!values.Contains($"{value}"))
        {
            throw RealtimeError.WrongValue(path, $"{value}", string.Join(", ", values.Select(one => $"'{one}'")));
        }
    };

    private static Check Number(int least, int most) => (value, path) =>
    {
        Range(value, path, least, most);
        if (!decimal.IsInteger(value!.GetValue<decimal>()))
        {
            throw RealtimeError.WrongType(path, "an integer", "a decimal number");
        }
    };

    private static void Range(JsonNode? value, string path, decimal least, decimal most)
    {
        Kind("a number", JsonValueKind.Number)(value, path);
        if (!value!.AsValue().TryGetValue<decimal>(out var number) || number < least || number > most)
        {
            throw new RealtimeError(string.Create(CultureInfo.InvariantCulture, $"Invalid '{path}': expected a value between {least} and {most}."), path, "invalid_value");
        }
    }
}
