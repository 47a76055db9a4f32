using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.Gemini;

/// <summary>A conversation as Gemini takes it, to the letter: it refuses every field that it does not know.</summary>
internal static class GeminiRequest
{
    public static byte[] Of(ChatOrder order)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            if (order.Instruction is { } instruction)
            {
                json.WriteStartObject("systemInstruction");
                json.WriteStartArray("parts");
                TextPart(json, instruction);
                json.WriteEndArray();
                json.WriteEndObject();
            }

            Contents(json, order.Turns);
            Config(json, order);
            Tools(json, order);
            json.WriteEndObject();
        }

        return body.ToArray();
    }

    // Turns of one speaker after another are one content: roles alternate here.
    private static void Contents(Utf8JsonWriter json, IReadOnlyList<ChatTurn> turns)
    {
        json.WriteStartArray("contents");
        string? speaking = null;
        foreach (var turn in turns)
        {
            var role = turn.Role == ChatRole.Model ? "model" : "user";
            if (role != speaking)
            {
                EndContent(json, speaking);
                json.WriteStartObject();
                json.WriteString("role", role);
                json.WriteStartArray("parts");
                speaking = role;
            }

            Parts(json, turn);
        }

        EndContent(json, speaking);
        json.WriteEndArray();
    }

    private static void EndContent(Utf8JsonWriter json, string? speaking)
    {
        if (speaking is not null)
        {
            json.WriteEndArray();
            json.WriteEndObject();
        }
    }

    private static void Parts(Utf8JsonWriter json, ChatTurn turn)
    {
        if (turn.Answers is { } answered)
        {
            Result(json, answered, turn.Text);
            return;
        }

        if (turn.Text.Length > 0 || (turn.Images.Count == 0 && turn.Calls.Count == 0))
        {
            TextPart(json, turn.Text);
        }

        foreach (var image in turn.Images)
        {
            json.WriteStartObject();
            json.WriteStartObject("inlineData");
            json.WriteString("mimeType", image.MediaType);
            json.WriteString("data", image.Base64);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        foreach (var call in turn.Calls)
        {
            json.WriteStartObject();
            json.WriteStartObject("functionCall");
            json.WriteString("id", call.Id);
            json.WriteString("name", call.Name);
            json.WritePropertyName("args");
            json.WriteRawValue(AsObject(call.Arguments) ?? "{}");
            json.WriteEndObject();
            if (call.Signature is { } signature)
            {
                json.WriteString("thoughtSignature", signature);
            }

            json.WriteEndObject();
        }
    }

    private static void Result(Utf8JsonWriter json, ToolCall call, string result)
    {
        json.WriteStartObject();
        json.WriteStartObject("functionResponse");
        json.WriteString("id", call.Id);
        json.WriteString("name", call.Name);
        json.WritePropertyName("response");
        if (AsObject(result) is { } whole)
        {
            json.WriteRawValue(whole);
        }
        else
        {
            json.WriteStartObject();
            json.WriteString("output", result);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Config(Utf8JsonWriter json, ChatOrder order)
    {
        var style = order.Style;
        json.WriteStartObject("generationConfig");
        Number(json, "maxOutputTokens", order.MostTokens);
        Number(json, "temperature", style.Temperature);
        Number(json, "topP", style.TopP);
        Number(json, "presencePenalty", style.PresencePenalty);
        Number(json, "frequencyPenalty", style.FrequencyPenalty);
        Number(json, "seed", style.Seed);
        if (style.Stop.Count > 0)
        {
            Strings(json, "stopSequences", style.Stop);
        }

        if (style.IsJson || style.Schema is not null)
        {
            json.WriteString("responseMimeType", "application/json");
        }

        if (style.Schema is { } schema)
        {
            json.WritePropertyName("responseJsonSchema");
            json.WriteRawValue(schema);
        }

        if (style.MostThinking is { } thinking)
        {
            json.WriteStartObject("thinkingConfig");
            json.WriteNumber("thinkingBudget", thinking);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Tools(Utf8JsonWriter json, ChatOrder order)
    {
        if (order.Tools.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tools");
        json.WriteStartObject();
        json.WriteStartArray("functionDeclarations");
        foreach (var tool in order.Tools)
        {
            json.WriteStartObject();
            json.WriteString("name", tool.Name);
            // Without one it is refused.
            json.WriteString("description", tool.Description ?? tool.Name);
            if (tool.Parameters is { } parameters)
            {
                json.WritePropertyName("parametersJsonSchema");
                json.WriteRawValue(parameters);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        if (order.ToolChoice is { } choice)
        {
            json.WriteStartObject("toolConfig");
            json.WriteStartObject("functionCallingConfig");
            json.WriteString("mode", choice.Mode switch { ToolChoice.Must => "ANY", ToolChoice.MustNot => "NONE", _ => "AUTO" });
            if (choice.Name is { } name)
            {
                Strings(json, "allowedFunctionNames", [name]);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }
    }

    private static void TextPart(Utf8JsonWriter json, string text)
    {
        json.WriteStartObject();
        json.WriteString("text", text);
        json.WriteEndObject();
    }

    private static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, decimal? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    // What a tool says may be anything; Gemini takes objects only.
    private static string? AsObject(string text)
    {
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return parsed.RootElement.ValueKind == JsonValueKind.Object ? text : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
