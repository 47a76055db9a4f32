using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sandbox.Gemini;

/// <summary>Which names a request may have and of what kind each is, as published; anything else is refused, as the real service does.</summary>
internal static class GeminiFields
{
    private static readonly JsonObject Types = Load();

    /// <summary>Passes when the value is of this published type, else refuses the first name or value that is not.</summary>
    public static void Check(JsonNode? value, string type) => Check(value, JsonValue.Create("#" + type), "");

    private static void Check(JsonNode? value, JsonNode? kind, string place)
    {
        switch (kind)
        {
            // A JSON null is a field that was left out.
            case var _ when value is null:
                break;
            case JsonArray list:
                Items(value, list[0], place);
                break;
            case JsonObject map:
                foreach (var (name, inner) in Members(value, place))
                {
                    Check(inner, map["*"], Below(place, name));
                }

                break;
            case JsonValue named when named.GetValue<string>() is ['#', .. var type]:
                Named(value, type, place);
                break;
            default:
                Plain(value, kind!.GetValue<string>(), place);
                break;
        }
    }

    private static void Named(JsonNode value, string type, string place)
    {
        if (Types[type] is JsonValue words)
        {
            var allowed = words.GetValue<string>()[1..].Split('|');
            if (value.GetValueKind() != JsonValueKind.String || !allowed.Contains(value.GetValue<string>()))
            {
                throw Wrong(value, place, $"one of {string.Join(", ", allowed)}");
            }

            return;
        }

        var fields = (JsonObject)Types[type]!;
        foreach (var (name, inner) in Members(value, place))
        {
            var kind = fields[name] ?? throw GeminiError.Invalid(
                $"Invalid JSON payload received. Unknown name \"{name}\"{(place.Length == 0 ? "" : $" at '{place}'")}: Cannot find field.", place);
            Check(inner, kind, Below(place, name));
        }
    }

    private static void Items(JsonNode value, JsonNode? kind, string place)
    {
        var list = value as JsonArray ?? throw Wrong(value, place, "a list");
        for (var at = 0; at < list.Count; at++)
        {
            Check(list[at], kind, $"{place}[{at}]");
        }
    }

    private static void Plain(JsonNode value, string kind, string place)
    {
        var given = value.GetValueKind();
        var fits = kind switch
        {
            "string" => given == JsonValueKind.String,
            "integer" => given == JsonValueKind.Number && long.TryParse(value.ToJsonString(), out _),
            "number" => given == JsonValueKind.Number,
            "boolean" => given is JsonValueKind.True or JsonValueKind.False,
            "object" => given == JsonValueKind.Object,
            _ => true,
        };
        if (!fits)
        {
            throw Wrong(value, place, $"{(kind is "integer" or "object" ? "an" : "a")} {kind}");
        }
    }

    private static JsonObject Members(JsonNode value, string place) => value as JsonObject ?? throw Wrong(value, place, "an object");

    private static GeminiError Wrong(JsonNode value, string place, string expected) =>
        GeminiError.Invalid($"Invalid value at '{place}': it must be {expected}, not {Short(value.ToJsonString())}.", place);

    private static string Short(string json) => json.Length > 60 ? json[..60] + "…" : json;

    private static string Below(string place, string name) => place.Length == 0 ? name : $"{place}.{name}";

    private static JsonObject Load()
    {
        using var file = typeof(GeminiFields).Assembly.GetManifestResourceStream("Sandbox.Gemini.fields.json")!;
        return JsonNode.Parse(file)!.AsObject();
    }
}
