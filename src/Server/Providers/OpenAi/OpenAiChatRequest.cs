using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>A conversation as OpenAI's chat completions take it.</summary>
internal static class OpenAiChatRequest
{
    /// <summary>What limits the answer: the new name with OpenAI's own models, the old one with all others, whose servers know no other.</summary>
    public static string LimitField(string model) =>
        model.StartsWith("gpt-", StringComparison.Ordinal) || model.StartsWith("chatgpt-", StringComparison.Ordinal)
            || (model.Length > 1 && model[0] == 'o' && char.IsAsciiDigit(model[1]))
            ? "max_completion_tokens"
            : "max_tokens";

    public static byte[] Of(ChatOrder order)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteString("model", order.Model);
            json.WriteBoolean("stream", true);
            json.WriteStartObject("stream_options");
            json.WriteBoolean("include_usage", true);
            json.WriteEndObject();
            if (order.MostTokens is { } most)
            {
                json.WriteNumber(LimitField(order.Model), most);
            }

            Style(json, order.Style);
            Messages(json, order);
            Tools(json, order);
            json.WriteEndObject();
        }

        return body.ToArray();
    }

    private static void Style(Utf8JsonWriter json, ChatStyle style)
    {
        Number(json, "temperature", style.Temperature);
        Number(json, "top_p", style.TopP);
        Number(json, "presence_penalty", style.PresencePenalty);
        Number(json, "frequency_penalty", style.FrequencyPenalty);
        Number(json, "seed", style.Seed);
        if (style.Stop.Count > 0)
        {
            json.WriteStartArray("stop");
            foreach (var stop in style.Stop)
            {
                json.WriteStringValue(stop);
            }

            json.WriteEndArray();
        }

        if (style.Schema is { } schema)
        {
            json.WriteStartObject("response_format");
            json.WriteString("type", "json_schema");
            json.WriteStartObject("json_schema");
            json.WriteString("name", "answer");
            json.WritePropertyName("schema");
            json.WriteRawValue(schema);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else if (style.IsJson)
        {
            json.WriteStartObject("response_format");
            json.WriteString("type", "json_object");
            json.WriteEndObject();
        }
    }

    private static void Number(Utf8JsonWriter json, string name, decimal? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
    }

    private static void Messages(Utf8JsonWriter json, ChatOrder order)
    {
        json.WriteStartArray("messages");
        if (order.Instruction is { } instruction)
        {
            json.WriteStartObject();
            json.WriteString("role", "system");
            json.WriteString("content", instruction);
            json.WriteEndObject();
        }

        foreach (var turn in order.Turns)
        {
            json.WriteStartObject();
            json.WriteString("role", turn.Role == ChatRole.Model ? "assistant" : turn.Role);
            Content(json, turn);
            if (turn.Answers is { } call)
            {
                json.WriteString("tool_call_id", call.Id);
            }

            Calls(json, turn.Calls);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Content(Utf8JsonWriter json, ChatTurn turn)
    {
        if (turn.Images.Count == 0)
        {
            json.WriteString("content", turn.Text);
            return;
        }

        json.WriteStartArray("content");
        json.WriteStartObject();
        json.WriteString("type", "text");
        json.WriteString("text", turn.Text);
        json.WriteEndObject();
        foreach (var image in turn.Images)
        {
            json.WriteStartObject();
            json.WriteString("type", "image_url");
            json.WriteStartObject("image_url");
            json.WriteString("url", $"data:{image.MediaType};base64,{image.Base64}");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Calls(Utf8JsonWriter json, IReadOnlyList<ToolCall> calls)
    {
        if (calls.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", call.Name);
            json.WriteString("arguments", call.Arguments);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Tools(Utf8JsonWriter json, ChatOrder order)
    {
        if (order.Tools.Count == 0)
        {
            return;
        }

        json.WriteStartArray("tools");
        foreach (var tool in order.Tools)
        {
            json.WriteStartObject();
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", tool.Name);
            if (tool.Description is { } description)
            {
                json.WriteString("description", description);
            }

            if (tool.Parameters is { } parameters)
            {
                json.WritePropertyName("parameters");
                json.WriteRawValue(parameters);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (order.ToolChoice is { Name: { } name })
        {
            json.WriteStartObject("tool_choice");
            json.WriteString("type", "function");
            json.WriteStartObject("function");
            json.WriteString("name", name);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else if (order.ToolChoice is { } choice)
        {
            json.WriteString("tool_choice", choice.Mode switch { ToolChoice.Must => "required", ToolChoice.MustNot => "none", _ => "auto" });
        }
    }
}
