using System.Text.Json;
using System.Text.Json.Nodes;
using Sandbox.Replies;

namespace Sandbox.OpenAi.Realtime;

/// <summary>One item of a conversation: what somebody said, wrote, called, or answered a call with.</summary>
internal sealed class ConversationItem
{
    /// <summary>What the caller's and the model's audio count, a second.</summary>
    public const int CallerTokensASecond = 10;
    public const int ModelTokensASecond = 20;

    public required string Id { get; init; }
    public required string Type { get; init; }
    public string? Role { get; init; }
    public string Status { get; set; } = "completed";

    /// <summary>Of a message what was written, or of the model's audio what it said; null where nobody has written that down.</summary>
    public string? Text { get; set; }

    /// <summary>Whether it is sound; a spoken item of the model can be truncated.</summary>
    public bool Spoken { get; init; }

    /// <summary>How long it sounds.</summary>
    public decimal Seconds { get; set; }

    /// <summary>Of what a person said: the tone, and how long it really sounded.</summary>
    public double? ToneHz { get; init; }
    public decimal SoundSeconds { get; init; }

    /// <summary>Of the model's audio: whether any of it was sent.</summary>
    public bool WasHeard { get; set; }

    /// <summary>Of the model's audio: cut by the client, so that nothing more is added to it.</summary>
    public bool Truncated { get; set; }
    public string? CallId { get; init; }
    public string? Name { get; init; }
    public string? Arguments { get; set; }
    public string? Output { get; init; }

    public bool IsModels => Role == "assistant";

    public int TextTokens => Spoken ? 0 : Tokens.Of(Text ?? "") + Tokens.Of((Name ?? "") + (Arguments ?? "")) + Tokens.Of(Output ?? "");

    public int AudioTokens => Spoken ? (int)Math.Ceiling(Seconds * (IsModels ? ModelTokensASecond : CallerTokensASecond)) : 0;

    /// <summary>As events show it; audio itself is never repeated.</summary>
    public JsonObject Shape()
    {
        var shape = new JsonObject { ["id"] = Id, ["object"] = "realtime.item", ["type"] = Type, ["status"] = Status };
        switch (Type)
        {
            case "message":
                shape["role"] = Role;
                shape["content"] = Status == "in_progress" ? new JsonArray() : new JsonArray(Content());
                break;
            case "function_call":
                (shape["call_id"], shape["name"], shape["arguments"]) = (CallId, Name, Arguments ?? "");
                break;
            default:
                (shape["call_id"], shape["output"]) = (CallId, Output);
                break;
        }

        return shape;
    }

    private JsonObject Content()
    {
        var content = new JsonObject { ["type"] = (IsModels ? "output_" : "input_") + (Spoken ? "audio" : "text") };
        if (!Spoken)
        {
            content["text"] = Text ?? "";
        }
        else if (Text is not null)
        {
            content["transcript"] = Text;
        }

        return content;
    }

    /// <summary>The item that a client wants to add.</summary>
    public static ConversationItem Read(JsonNode? given, Func<string> newId)
    {
        var item = given as JsonObject ?? throw RealtimeError.Missing("item");
        var id = TextOf(item, "id", "item.id") ?? newId();
        switch (TextOf(item, "type", "item.type") ?? throw RealtimeError.Missing("item.type"))
        {
            case "message":
                return Message(item, id);
            case "function_call":
                return new ConversationItem
                {
                    Id = id,
                    Type = "function_call",
                    CallId = TextOf(item, "call_id", "item.call_id"),
                    Name = TextOf(item, "name", "item.name") ?? throw RealtimeError.Missing("item.name"),
                    Arguments = TextOf(item, "arguments", "item.arguments") ?? throw RealtimeError.Missing("item.arguments"),
                };
            case "function_call_output":
                return new ConversationItem
                {
                    Id = id,
                    Type = "function_call_output",
                    CallId = TextOf(item, "call_id", "item.call_id") ?? throw RealtimeError.Missing("item.call_id"),
                    Output = TextOf(item, "output", "item.output") ?? throw RealtimeError.Missing("item.output"),
                };
            case var other:
                throw RealtimeError.WrongValue("item.type", other, "'message', 'function_call', and 'function_call_output'");
        }
    }

    private static ConversationItem Message(JsonObject item, string id)
    {
        var role = TextOf(item, "role", "item.role") ?? throw RealtimeError.Missing("item.role");
        if (role is not ("user" or "system" or "assistant"))
        {
            throw RealtimeError.WrongValue("item.role", role, "'system', 'assistant', and 'user'");
        }

        var content = item["content"] as JsonArray ?? throw RealtimeError.Missing("item.content");
        var expected = role == "assistant" ? "output_text" : "input_text";
        var said = new List<string>();
        for (var at = 0; at < content.Count; at++)
        {
            var part = content[at] as JsonObject ?? throw RealtimeError.WrongType($"item.content[{at}]", "an object", "something else");
            var type = TextOf(part, "type", $"item.content[{at}].type") ?? throw RealtimeError.Missing($"item.content[{at}].type");
            if (type != expected)
            {
                // What the real one also takes from users, sound and pictures, nobody sends here.
                throw RealtimeError.WrongValue($"item.content[{at}].type", type, $"'{expected}'");
            }

            said.Add(TextOf(part, "text", $"item.content[{at}].text") ?? throw RealtimeError.Missing($"item.content[{at}].text"));
        }

        return new ConversationItem { Id = id, Type = "message", Role = role, Text = string.Join('\n', said) };
    }

    private static string? TextOf(JsonObject from, string name, string path) => from[name] switch
    {
        null => null,
        var value when value.GetValueKind() == JsonValueKind.String => $"{value}",
        var value => throw RealtimeError.WrongType(path, "a string", value.GetValueKind().ToString().ToLowerInvariant()),
    };
}
