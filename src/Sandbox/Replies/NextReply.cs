using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sandbox.Replies;

/// <summary>A tool call that a reply makes; the arguments are any JSON object.</summary>
internal sealed record ReplyCall
{
    public string Name { get; init; } = "";
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Args { get; init; }
}

/// <summary>
/// What a test wants the next chat replies to be, in no provider's words. What goes wrong on the way, an error or a cut, is a
/// fault's business; this is what the model would have said.
/// </summary>
internal sealed record NextReply
{
    /// <summary>Only a request whose last user text contains these words is answered so; any request when it is missing.</summary>
    public string? When { get; init; }

    public int Times { get; init; } = 1;

    /// <summary>The reply's text; the sandbox's own sentence when it is missing.</summary>
    public string? Text { get; init; }

    /// <summary>The text in the very pieces a stream sends it in.</summary>
    public IReadOnlyList<string>? Chunks { get; init; }

    /// <summary>What the model thought, shown where the request asks for it.</summary>
    public string? Thoughts { get; init; }

    /// <summary>How many tokens the thinking took; those of <see cref="Thoughts"/> when it is missing.</summary>
    public int? ThinkingTokens { get; init; }

    /// <summary>How many of the prompt's tokens came from the cache.</summary>
    public int CachedTokens { get; init; }

    public IReadOnlyList<ReplyCall>? Calls { get; init; }

    /// <summary>Why the reply ends, in the provider's word, sent as it stands.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Gemini: why the prompt was blocked; there are no candidates.</summary>
    public string? BlockReason { get; init; }

    /// <summary>OpenAI: the refusal that stands in place of the text.</summary>
    public string? Refusal { get; init; }

    /// <summary>A candidate without content, or a message whose content is null.</summary>
    public bool NoContent { get; init; }

    /// <summary>An answer with nothing in it: a stream without an event, or <c>{}</c>.</summary>
    public bool Empty { get; init; }

    /// <summary>Null leaves the usage out; any other value is sent as it stands, in the last chunk of a stream.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Usage { get; init; }

    /// <summary>Sent as it stands instead of an answer that is not a stream.</summary>
    public string? Body { get; init; }

    /// <summary>The answer waits after so many events, each time until it is released; 0 waits before the first.</summary>
    public IReadOnlyList<int>? PauseAfter { get; init; }

    /// <summary>A pause ends by itself after so long on the sandbox's clock.</summary>
    public decimal? PauseSeconds { get; init; }

    /// <summary>Whether it may break the provider's published shape on purpose.</summary>
    [JsonIgnore]
    public bool BreaksTheShape => Empty || Body is not null || FinishReason is not null || Usage.ValueKind != JsonValueKind.Undefined;

    /// <summary>What makes no sense about it, as a sentence, or null.</summary>
    [JsonIgnore]
    public string? Fault =>
        Times is < 1 or > 100_000 ? "times is between 1 and 100000."
        : Text is not null && Chunks is not null ? "Give either text or chunks."
        : ThinkingTokens < 0 || CachedTokens < 0 || PauseSeconds < 0 ? "thinking_tokens, cached_tokens and pause_seconds are at least 0."
        : PauseAfter?.Any(events => events < 0) == true ? "pause_after lists numbers of events, each at least 0."
        : PauseSeconds is not null && PauseAfter is null ? "pause_seconds needs pause_after."
        : Calls?.Any(call => call.Name.Length == 0 || call.Args.ValueKind is not (JsonValueKind.Undefined or JsonValueKind.Object)) == true ? "Each of calls needs a name, and args, where given, are an object."
        : null;
}
