using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sandbox.OpenAi.Chat;

/// <summary>The messages of a chat, each of which must have a role, a content that fits it, and an answer to every tool call.</summary>
/// <param name="LastUserText">What the user said last.</param>
/// <param name="Turns">Messages without instructions.</param>
/// <param name="Tokens">What they count.</param>
internal sealed record ChatMessages(string LastUserText, int Turns, int Tokens)
{
    private static readonly string[] Roles = ["system", "assistant", "user", "tool", "developer"];
    private static readonly string[] PartTypes = ["text", "image_url", "input_audio", "file", "refusal"];

    public static ChatMessages Read(JsonNode? messages)
    {
        var list = messages as JsonArray ?? throw (messages is null
            ? new OpenAiError(400, "Missing required parameter: 'messages'.", "messages", "missing_required_parameter")
            : Wrong("messages", "an array of objects"));
        if (list.Count == 0)
        {
            throw new OpenAiError(400, "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.", "messages", "empty_array");
        }

        var (last, turns, tokens) = ("", 0, 0);
        var open = new HashSet<string>();
        for (var at = 0; at < list.Count; at++)
        {
            var message = list[at] as JsonObject ?? throw Wrong($"messages[{at}]", "an object");
            var role = Role(message, at);
            Answer(message, role, at, open);
            var (text, weight) = Content(message, role, at);
            last = role == "user" ? text : last;
            turns += role is "system" or "developer" ? 0 : 1;
            tokens += weight + Calls(message, at, open);
        }

        return open.Count == 0 ? new ChatMessages(last, turns, tokens) : throw Unanswered(list.Count - 1);
    }

    /// <summary>The text of a value that is one, or null; half a surrogate pair is something that JSON can carry and no text can.</summary>
    public static string? Text(JsonNode? value)
    {
        try
        {
            return value?.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public static OpenAiError Wrong(string name, string expected) => new(400, $"Invalid type for '{name}': expected {expected}.", name, "invalid_type");

    private static string Role(JsonObject message, int at)
    {
        var role = Text(message["role"])
            ?? throw new OpenAiError(400, $"Missing required parameter: 'messages[{at}].role'.", $"messages[{at}].role", "missing_required_parameter");
        return Roles.Contains(role)
            ? role
            : throw new OpenAiError(
                400, $"Invalid value: '{role}'. Supported values are: {string.Join(", ", Roles.Select(one => $"'{one}'"))}.", $"messages[{at}].role", "invalid_value");
    }

    // Tool messages answer the calls of the assistant message before them, all of them, before anything else is said.
    private static void Answer(JsonObject message, string role, int at, HashSet<string> open)
    {
        if (role != "tool")
        {
            if (open.Count > 0)
            {
                throw Unanswered(at);
            }

            return;
        }

        if (Text(message["tool_call_id"]) is not { } id || !open.Remove(id))
        {
            throw new OpenAiError(
                400, "Invalid parameter: messages with role 'tool' must be a response to a preceding message with 'tool_calls'.", $"messages[{at}].tool_call_id");
        }
    }

    private static (string Text, int Tokens) Content(JsonObject message, string role, int at)
    {
        switch (message["content"])
        {
            case null when role == "assistant" && (message["tool_calls"] is JsonArray { Count: > 0 } || message["refusal"] is not null):
                return ("", Replies.Tokens.Of(Text(message["refusal"]) ?? ""));
            case JsonValue value when Text(value) is { } text:
                return (text, Replies.Tokens.Of(text));
            case JsonArray { Count: > 0 } parts:
                var read = parts.Select((part, number) => Part(part, $"messages[{at}].content[{number}]")).ToList();
                return (string.Join('\n', read.Select(part => part.Text).Where(text => text.Length > 0)), read.Sum(part => part.Tokens));
            default:
                throw new OpenAiError(400, $"Invalid value for 'content': expected a string or a list of parts, got {message["content"]?.GetValueKind().ToString().ToLowerInvariant() ?? "null"}.", $"messages[{at}].content", "invalid_type");
        }
    }

    private static (string Text, int Tokens) Part(JsonNode? part, string place)
    {
        var type = part is JsonObject ? Text(part["type"]) : null;
        if (type is null || !PartTypes.Contains(type) || part![type] is null)
        {
            throw new OpenAiError(400, $"Invalid value: '{type}'. Supported values are: {string.Join(", ", PartTypes.Select(one => $"'{one}'"))}, each with what it names.", $"{place}.type", "invalid_value");
        }

        return type is "text" or "refusal"
            ? Text(part[type]) is { } text ? (text, Replies.Tokens.Of(text)) : throw Wrong($"{place}.{type}", "a string")
            : ("", Replies.Tokens.Media);
    }

    private static int Calls(JsonObject message, int at, HashSet<string> open)
    {
        if (message["tool_calls"] is not { } calls)
        {
            return 0;
        }

        var tokens = 0;
        foreach (var call in calls as JsonArray ?? throw Wrong($"messages[{at}].tool_calls", "an array of objects"))
        {
            if (call is not JsonObject || Text(call["id"]) is not { Length: > 0 } id || Text(call["type"]) != "function" || call["function"] is not JsonObject function
                || Text(function["name"]) is not { } name || Text(function["arguments"]) is not { } arguments || !open.Add(id))
            {
                throw new OpenAiError(
                    400, "Each tool call has an id of its own, the type function, and a function with name and arguments.", $"messages[{at}].tool_calls", "invalid_value");
            }

            tokens += Replies.Tokens.Of(name + arguments);
        }

        return tokens;
    }

    private static OpenAiError Unanswered(int at) => new(
        400, "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.", $"messages[{at}].role");
}
