using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>One chat completion or one chunk of one, read leniently: whatever is missing or of another type is not there.</summary>
internal sealed class OpenAiChunk : IDisposable
{
    /// <summary>The last data of a stream, which is no JSON.</summary>
    public const string Done = "[DONE]";

    private readonly JsonDocument document;

    private OpenAiChunk(JsonDocument document) => this.document = document;

    /// <summary>A call, or the part of one that a chunk brings.</summary>
    public readonly record struct CallPart(int Index, string? Id, string? Name, string? Arguments);

    /// <param name="Text">Also of a refusal, which is written and billed like any other.</param>
    /// <param name="Thought">What some servers show of the model's thinking; billed, and no part of the answer.</param>
    public readonly record struct Choice(string? Text, string? Thought, string? Finish, IReadOnlyList<CallPart> Calls);

    /// <summary>Null when it is no JSON object.</summary>
    public static OpenAiChunk? Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return Of(JsonDocument.Parse(json));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte})"/>
    public static OpenAiChunk? Parse(string json)
    {
        try
        {
            return Of(JsonDocument.Parse(json));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What the provider says within a stream that has begun with 200.</summary>
    public ModelFailure? Failure =>
        document.RootElement.TryGetProperty("error", out var error) && error.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? new ModelFailure(ModelFailure.Upstream, "OpenAI's stream ended with an error.")
            : null;

    public bool HasChoices => Array(document.RootElement, "choices").Any();

    /// <summary>Of an answer that is not a stream: it has the list, though it may be empty.</summary>
    public bool IsAnswer => document.RootElement.TryGetProperty("choices", out var choices) && choices.ValueKind == JsonValueKind.Array;

    /// <summary>Null where nothing is said of it, or what cannot be.</summary>
    public TokenUsage? Usage(string? requestId)
    {
        if (Object(document.RootElement, "usage") is not { } usage || Number(usage, "prompt_tokens") is not { } input || Number(usage, "completion_tokens") is not { } output)
        {
            return null;
        }

        var cached = Object(usage, "prompt_tokens_details") is { } read ? Number(read, "cached_tokens") ?? 0 : 0;
        var thought = Object(usage, "completion_tokens_details") is { } written ? Number(written, "reasoning_tokens") ?? 0 : 0;
        return new TokenUsage(input, Math.Min(cached, input), output) { Thought = Math.Min(thought, output), ProviderRequestId = requestId };
    }

    public IEnumerable<Choice> Choices()
    {
        foreach (var choice in Array(document.RootElement, "choices"))
        {
            var said = Object(choice, "delta") ?? Object(choice, "message");
            yield return said is { } message
                ? new Choice(Text(message, "content") + Text(message, "refusal"), Text(message, "reasoning_content"), Text(choice, "finish_reason"), Calls(message))
                : new Choice(null, null, Text(choice, "finish_reason"), []);
        }
    }

    public void Dispose() => document.Dispose();

    private static OpenAiChunk? Of(JsonDocument document)
    {
        if (document.RootElement.ValueKind == JsonValueKind.Object)
        {
            return new OpenAiChunk(document);
        }

        document.Dispose();
        return null;
    }

    private static List<CallPart> Calls(JsonElement message)
    {
        List<CallPart> parts = [];
        foreach (var call in Array(message, "tool_calls"))
        {
            var function = Object(call, "function");
            parts.Add(new CallPart(
                (int)Math.Min(Number(call, "index") ?? parts.Count, 10_000), Text(call, "id"),
                function is { } named ? Text(named, "name") : null, function is { } written ? Text(written, "arguments") : null));
        }

        return parts;
    }

    private static IEnumerable<JsonElement> Array(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? value.EnumerateArray().Where(one => one.ValueKind == JsonValueKind.Object)
            : [];

    private static JsonElement? Object(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static long? Number(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;

    // Half a surrogate pair is something that JSON can carry and no text can.
    private static string? Text(JsonElement from, string name)
    {
        try
        {
            return from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
