using System.Text.Json.Nodes;
using Sandbox.Replies;

namespace Sandbox.Gemini;

/// <summary>Reads what a request asks, and refuses turns that stand in no order.</summary>
internal static class GeminiPrompt
{
    private static readonly string[] Data = ["text", "inlineData", "functionCall", "functionResponse", "fileData", "executableCode", "codeExecutionResult"];

    public static Asked Read(JsonObject request)
    {
        var contents = Contents(request, "GenerateContentRequest");
        CheckOrder(contents);
        var config = request["generationConfig"];
        CheckConfig(config);
        var last = contents.FindLast(content => Role(content) == "user" && TextOf(content).Length > 0);
        return new Asked(last is null ? "" : TextOf(last), contents.Count, Count(request), (int?)config?["maxOutputTokens"]);
    }

    /// <summary>The whole prompt in tokens: instructions, turns and tools.</summary>
    public static int Count(JsonObject request) =>
        (request["contents"] as JsonArray ?? []).Append(request["systemInstruction"]).OfType<JsonObject>().SelectMany(Parts).Sum(Weigh)
        + (request["tools"] as JsonArray is { Count: > 0 } tools ? Tokens.Of(tools.ToJsonString(Core.Json.Options)) : 0);

    /// <summary>The turns, each of which has a part, and each part exactly one content.</summary>
    public static List<JsonObject> Contents(JsonObject request, string type)
    {
        var contents = (request["contents"] as JsonArray ?? []).OfType<JsonObject>().ToList();
        if (contents.Count == 0)
        {
            throw GeminiError.Invalid($"* {type}.contents: contents is not specified", "contents");
        }

        for (var at = 0; at < contents.Count; at++)
        {
            CheckParts(contents[at], $"{type}.contents[{at}]");
        }

        if (request["systemInstruction"] is JsonObject instruction)
        {
            CheckParts(instruction, $"{type}.system_instruction");
        }

        return contents;
    }

    private static void CheckParts(JsonObject content, string place)
    {
        var parts = Parts(content).ToList();
        if (parts.Count == 0)
        {
            throw GeminiError.Invalid($"* {place}.parts: contents.parts must not be empty.", place);
        }

        for (var at = 0; at < parts.Count; at++)
        {
            if (Data.Count(name => parts[at][name] is not null) != 1)
            {
                throw GeminiError.Invalid($"* {place}.parts[{at}].data: required oneof field 'data' must have one initialized field", place);
            }
        }
    }

    private static void CheckOrder(List<JsonObject> contents)
    {
        for (var at = 0; at < contents.Count; at++)
        {
            var role = Role(contents[at]);
            if (role is not ("user" or "model"))
            {
                throw GeminiError.Invalid("Please use a valid role: user, model.", $"contents[{at}].role");
            }

            if (role != (at % 2 == 0 ? "user" : "model"))
            {
                throw GeminiError.Invalid("Please ensure that multiturn requests alternate between user and model, and begin with user.", $"contents[{at}].role");
            }

            CheckCalls(contents, at);
        }

        if (contents.Count % 2 == 0)
        {
            throw GeminiError.Invalid("Please ensure that multiturn requests end with a user role or a function response.", "contents");
        }
    }

    // What a function answered follows its call, name by name, and the call comes back with the signature it was given.
    private static void CheckCalls(List<JsonObject> contents, int at)
    {
        var answers = Of(contents[at], "functionResponse");
        var calls = at == 0 ? [] : Of(contents[at - 1], "functionCall");
        if ((answers.Count > 0 || calls.Count > 0) && !answers.Select(NameOf).Order().SequenceEqual(calls.Select(NameOf).Order()))
        {
            throw GeminiError.Invalid(
                "Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.", $"contents[{at}].parts");
        }

        foreach (var part in Parts(contents[at]).Where(part => part["functionCall"] is not null))
        {
            if ((string?)part["thoughtSignature"] != ThoughtSignature.Of((JsonObject)part["functionCall"]!))
            {
                throw GeminiError.Invalid(
                    $"Function call {NameOf((JsonObject)part["functionCall"]!)} in content block {at} must come back unchanged with its thought_signature.", $"contents[{at}].parts");
            }
        }
    }

    private static void CheckConfig(JsonNode? config)
    {
        Range(config, "maxOutputTokens", 1, 65_536);
        Range(config, "temperature", 0, 2);
        Range(config, "topP", 0, 1);
        if ((int?)config?["candidateCount"] is { } candidates and not 1)
        {
            throw GeminiError.Invalid($"Multiple candidates is not enabled for this model: candidate_count is {candidates}, not 1.", "generationConfig.candidateCount");
        }
    }

    private static void Range(JsonNode? config, string name, decimal least, decimal most)
    {
        if ((decimal?)config?[name] is { } value && (value < least || value > most))
        {
            throw GeminiError.Invalid($"Unable to submit request because {name} is {value} but must be between {least} and {most}.", $"generationConfig.{name}");
        }
    }

    // Thoughts that come back cost nothing.
    private static int Weigh(JsonObject part) =>
        part["thought"] is JsonValue thought && (bool)thought ? 0
        : part["text"] is { } text ? Tokens.Of((string)text!)
        : part["inlineData"] is not null || part["fileData"] is not null ? Tokens.Media
        : part["functionCall"] is JsonObject call ? Tokens.Of(NameOf(call) + (call["args"]?.ToJsonString(Core.Json.Options) ?? "{}"))
        : part["functionResponse"] is JsonObject answer ? Tokens.Of(NameOf(answer) + answer["response"]?.ToJsonString(Core.Json.Options))
        : Tokens.Of(part.ToJsonString(Core.Json.Options));

    private static List<JsonObject> Of(JsonObject content, string name) => [.. Parts(content).Select(part => part[name]).OfType<JsonObject>()];

    private static IEnumerable<JsonObject> Parts(JsonObject content) => (content["parts"] as JsonArray ?? []).OfType<JsonObject>();

    private static string TextOf(JsonObject content) => string.Join('\n', Parts(content).Select(part => (string?)part["text"]).Where(text => text is not null));

    // A single turn may leave its role out.
    private static string Role(JsonObject content) => (string?)content["role"] ?? "user";

    private static string NameOf(JsonObject call) => (string?)call["name"] ?? "";
}
