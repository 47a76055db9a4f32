using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Ledgerline.Ai;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>OpenAI's messages as turns: instructions apart, calls with their results.</summary>
internal static partial class ChatMessages
{
    /// <exception cref="V1Refusal">One of them cannot be said in other words.</exception>
    public static (string? Instruction, IReadOnlyList<ChatTurn> Turns) Of(IReadOnlyList<JsonElement> messages)
    {
        var (instructions, turns, calls) = (new List<string>(), new List<ChatTurn>(), new Dictionary<string, ToolCall>(StringComparer.Ordinal));
        for (var index = 0; index < messages.Count; index++)
        {
            var (message, path) = (messages[index], $"messages[{index}]");
            switch (message.Text("role", path))
            {
                case "system" or "developer":
                    instructions.Add(Content(message, path).Text);
                    break;
                case "user":
                    var (text, images) = Content(message, path);
                    turns.Add(new ChatTurn(ChatRole.User, text) { Images = images });
                    break;
                case "assistant":
                    turns.Add(Assistant(message, path, calls));
                    break;
                case "tool":
                    turns.Add(new ChatTurn(ChatRole.Tool, Content(message, path).Text) { Answers = Answered(message, path, calls) });
                    break;
                default:
                    throw Fields.Wrong($"{path}.role", "must be one of system, developer, user, assistant and tool");
            }
        }

        return turns.Count > 0
            ? (instructions.Count > 0 ? string.Join("\n\n", instructions) : null, turns)
            : throw Fields.Wrong("messages", "must hold a message of the user");
    }

    private static ChatTurn Assistant(JsonElement message, string path, Dictionary<string, ToolCall> calls)
    {
        var made = message.Objects("tool_calls", $"{path}.tool_calls").Select(call => Call(call, path)).ToList();
        foreach (var call in made)
        {
            calls[CallId.Of(call)] = call;
        }

        return new ChatTurn(ChatRole.Model, message.Maybe("content") is null ? "" : Content(message, path).Text) { Calls = made };
    }

    private static ToolCall Call(JsonElement call, string path)
    {
        var field = $"{path}.tool_calls";
        return call.Text("id", field) is { } id && call.Object("function", field) is { } function && function.Text("name", field) is { Length: > 0 } name
            ? CallId.Read(id, name, function.Text("arguments", field) ?? "{}")
            : throw Fields.Wrong(field, "must each have an id, and a function with its name");
    }

    private static ToolCall Answered(JsonElement message, string path, Dictionary<string, ToolCall> calls) =>
        message.Text("tool_call_id", $"{path}.tool_call_id") is { } id && calls.TryGetValue(id, out var call)
            ? call
            : throw Fields.Wrong($"{path}.tool_call_id", "must be the id of a tool call in a message before it");

    private static (string Text, IReadOnlyList<ChatImage> Images) Content(JsonElement message, string path)
    {
        path = $"{path}.content";
        if (message.Maybe("content") is not { } content)
        {
            throw Fields.Wrong(path, "must be a string or an array of parts");
        }

        if (content.ValueKind == JsonValueKind.String)
        {
            return (message.Text("content", path)!, []);
        }

        var (text, images) = (new StringBuilder(), new List<ChatImage>());
        foreach (var part in message.Objects("content", path))
        {
            switch (part.Text("type", path))
            {
                case "text":
                    text.Append(part.Text("text", path));
                    break;
                case "refusal":
                    text.Append(part.Text("refusal", path));
                    break;
                case "image_url":
                    images.Add(Image(part, path));
                    break;
                default:
                    throw Fields.Wrong(path, "may hold parts of the type text and image_url");
            }
        }

        return (text.ToString(), images);
    }

    // An address is not followed: it could be one that only we can reach.
    private static ChatImage Image(JsonElement part, string path) =>
        part.Object("image_url", path)?.Text("url", path) is { } url && DataUrl().Match(url) is { Success: true } data && Base64.IsValid(data.Groups[2].ValueSpan)
            ? new ChatImage(data.Groups[1].Value, data.Groups[2].Value)
            : throw Fields.Wrong(path, "must hold pictures as data URLs in base64 with this model");

    [GeneratedRegex(@"\Adata:(image/[a-z0-9.+-]{1,40});base64,([A-Za-z0-9+/=]+)\z")]
    private static partial Regex DataUrl();
}
