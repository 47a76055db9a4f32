using System.Globalization;
using System.Text;
using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.Gemini;

/// <summary>
/// Makes one answer out of the events of a stream. Its usage is cumulative: the last one counts. A field that is missing or of another
/// type is not there.
/// </summary>
/// <param name="promptTokens">Probably so many; counted where Gemini does not say.</param>
/// <param name="newId">Names a call that Gemini gave no name.</param>
internal sealed class GeminiReading(long promptTokens, Func<string> newId)
{
    private readonly ChatTally tally = new(promptTokens);
    private TokenUsage? usage;
    private string? requestId;
    private string? finish;
    private bool isBlocked;
    private bool hasCalls;
    private ModelFailure? failure;

    /// <summary>Gemini has begun to answer, so it bills.</summary>
    public bool HasBegun => tally.HasBegun;

    public bool IsOver { get; private set; }

    /// <summary>What an event adds to the answer; null when it is nothing that shows.</summary>
    /// <exception cref="ModelFailure">It is an error, and nothing had come before it.</exception>
    public ChatPiece? Take(string? data)
    {
        if (data is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(data);
            return Take(document.RootElement);
        }
        catch (JsonException cause)
        {
            var nonsense = new ModelFailure(ModelFailure.Upstream, "Gemini's stream holds an event that is no JSON.", cause);
            Break(HasBegun ? nonsense : throw nonsense);
            return null;
        }
    }

    /// <summary>It ends here, for this reason.</summary>
    public void Break(ModelFailure why)
    {
        // What breaks after the end has broken nothing.
        failure = finish is null && !isBlocked ? why : null;
        IsOver = true;
    }

    /// <summary>The last piece.</summary>
    /// <exception cref="ModelFailure">There was none before it.</exception>
    public ChatPiece End()
    {
        if (!HasBegun)
        {
            throw new ModelFailure(ModelFailure.Upstream, "Gemini's stream holds no answer.");
        }

        var end = isBlocked ? ChatEnd.Blocked : EndOf(finish);
        if (end == ChatEnd.Broken)
        {
            failure ??= new ModelFailure(
                ModelFailure.Upstream, finish is null ? "Gemini's stream ended before its last event." : "Gemini ended its answer without bringing it to an end.");
        }

        // A stream that was cut has not said the last of its usage, and words that were not counted were used all the same.
        var isTold = usage is not null && (finish is not null || isBlocked) && !(tally.HasWords && usage.Output == usage.Thought);
        return new ChatPiece("") { End = end, Failure = failure, Usage = isTold ? usage : tally.Estimate(requestId) };
    }

    private ChatPiece? Take(JsonElement root)
    {
        if (GeminiError.Of(root, null, null, null) is { } error)
        {
            Break(HasBegun ? error : throw error);
            return null;
        }

        if (root.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        requestId = Text(root, "responseId") is { Length: <= 200 } id ? id : requestId;
        usage = UsageOf(root) ?? usage;
        isBlocked |= Object(root, "promptFeedback") is { } feedback && Text(feedback, "blockReason") is not null;
        var (text, calls) = (new StringBuilder(), new List<ToolCall>());
        if (Array(root, "candidates").FirstOrDefault() is { ValueKind: JsonValueKind.Object } candidate)
        {
            Parts(candidate, text, calls);
            finish = Text(candidate, "finishReason") ?? finish;
        }

        var piece = new ChatPiece(text.ToString()) { Calls = calls, SoFar = usage };
        tally.Add(piece);
        return text.Length > 0 || calls.Count > 0 ? piece : null;
    }

    private void Parts(JsonElement candidate, StringBuilder text, List<ToolCall> calls)
    {
        if (Object(candidate, "content") is not { } content)
        {
            return;
        }

        foreach (var part in Array(content, "parts").Where(part => part.ValueKind == JsonValueKind.Object))
        {
            if (Object(part, "functionCall") is { } call && Text(call, "name") is { Length: > 0 } name)
            {
                hasCalls = true;
                calls.Add(new ToolCall(Text(call, "id") is { Length: > 0 } id ? id : newId(), name, Object(call, "args") is { } args ? args.GetRawText() : "{}")
                {
                    Signature = Text(part, "thoughtSignature"),
                });
            }
            else if (!(part.TryGetProperty("thought", out var thought) && thought.ValueKind == JsonValueKind.True))
            {
                text.Append(Text(part, "text"));
            }
        }
    }

    // Nothing is said where there is no count of the prompt, which is never empty, or a count that is none.
    private TokenUsage? UsageOf(JsonElement root)
    {
        if (Object(root, "usageMetadata") is not { } said
            || Count(said, "promptTokenCount") is not { } prompt || Count(said, "toolUsePromptTokenCount") is not { } tools
            || Count(said, "cachedContentTokenCount") is not { } cached
            || Count(said, "candidatesTokenCount") is not { } written || Count(said, "thoughtsTokenCount") is not { } thought
            || prompt + tools == 0)
        {
            return null;
        }

        return new TokenUsage(prompt + tools, Math.Min(prompt + tools, cached), written + thought) { Thought = thought, ProviderRequestId = requestId };
    }

    private string EndOf(string? reason) => reason switch
    {
        "STOP" or "FINISH_REASON_UNSPECIFIED" => hasCalls ? ChatEnd.Calls : ChatEnd.Stop,
        "MAX_TOKENS" => ChatEnd.Length,
        "SAFETY" or "RECITATION" or "LANGUAGE" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" => ChatEnd.Blocked,
        not null when reason.StartsWith("IMAGE_", StringComparison.Ordinal) => ChatEnd.Blocked,
        _ => ChatEnd.Broken,
    };

    private static JsonElement? Object(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : null;

    private static IEnumerable<JsonElement> Array(JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    // Absent counts are 0; int64 values may come as strings. Beyond a trillion it is no count.
    private static long? Count(JsonElement from, string name) =>
        !from.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? 0
        : (value.ValueKind == JsonValueKind.Number ? value.TryGetInt64(out var number)
            : long.TryParse(Text(from, name), NumberStyles.None, CultureInfo.InvariantCulture, out number))
            && number is >= 0 and < 1_000_000_000_000
            ? number
            : null;

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
