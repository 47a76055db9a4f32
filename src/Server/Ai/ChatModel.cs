namespace Ledgerline.Ai;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">One of <see cref="ChatRole"/>.</param>
public sealed record ChatTurn(string Role, string Text)
{
    /// <summary>Shown beside the text; the user's only.</summary>
    public IReadOnlyList<ChatImage> Images { get; init; } = [];

    /// <summary>What the model wants done; the model's only.</summary>
    public IReadOnlyList<ToolCall> Calls { get; init; } = [];

    /// <summary>The call whose result the text is; a tool's only.</summary>
    public ToolCall? Answers { get; init; }
}

/// <summary>Who speaks, in no provider's words.</summary>
public static class ChatRole
{
    public const string User = "user";
    public const string Model = "model";

    /// <summary>What a call came to.</summary>
    public const string Tool = "tool";
}

/// <summary>A conversation that is to be continued.</summary>
/// <param name="Turns">In order; the first and the last are the user's.</param>
public sealed record ChatOrder(string Model, IReadOnlyList<ChatTurn> Turns)
{
    /// <summary>What the model is told beforehand.</summary>
    public string? Instruction { get; init; }

    /// <summary>The most tokens it may write, what it thinks included.</summary>
    public int? MostTokens { get; init; }

    public ChatStyle Style { get; init; } = new();

    public IReadOnlyList<ChatTool> Tools { get; init; } = [];

    /// <summary>Null: the model decides.</summary>
    public ToolChoice? ToolChoice { get; init; }

    public ChatPatience Patience { get; init; } = ChatPatience.OfAPerson;
}

/// <summary>How the model shall write; whatever is null is the model's own affair.</summary>
public sealed record ChatStyle
{
    public decimal? Temperature { get; init; }
    public decimal? TopP { get; init; }
    public decimal? PresencePenalty { get; init; }
    public decimal? FrequencyPenalty { get; init; }
    public int? Seed { get; init; }

    /// <summary>Texts at which the answer ends.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>The answer is to be JSON.</summary>
    public bool IsJson { get; init; }

    /// <summary>A JSON schema, as JSON, that the answer is to fit.</summary>
    public string? Schema { get; init; }

    /// <summary>The most tokens of its thinking.</summary>
    public int? MostThinking { get; init; }
}

/// <summary>How long is waited for a model.</summary>
/// <param name="First">Until the first event.</param>
/// <param name="Idle">From one event to the next.</param>
/// <param name="Whole">In all.</param>
public sealed record ChatPatience(TimeSpan First, TimeSpan Idle, TimeSpan Whole)
{
    /// <summary>What somebody waits who looks at the screen.</summary>
    public static readonly ChatPatience OfAPerson = new(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5));
}

/// <summary>A part of the answer as it is written. The last one says how it ended and what was used.</summary>
public sealed record ChatPiece(string Text)
{
    /// <summary>One of <see cref="ChatEnd"/>; null while more follows.</summary>
    public string? End { get; init; }

    /// <summary>Of the whole answer; only on the last piece.</summary>
    public TokenUsage? Usage { get; init; }

    /// <summary>Whole calls, each once.</summary>
    public IReadOnlyList<ToolCall> Calls { get; init; } = [];

    /// <summary>What the provider says was used until now, where it says so as it goes.</summary>
    public TokenUsage? SoFar { get; init; }

    /// <summary>Why it ended as <see cref="ChatEnd.Broken"/>.</summary>
    public ModelFailure? Failure { get; init; }
}

/// <summary>Why an answer ended.</summary>
public static class ChatEnd
{
    public const string Stop = "stop";

    /// <summary>There were no tokens left for more.</summary>
    public const string Length = "length";

    /// <summary>The provider does not let it through.</summary>
    public const string Blocked = "blocked";

    /// <summary>The model waits for what its calls come to.</summary>
    public const string Calls = "calls";

    /// <summary>It broke off after it had begun; what came until then was used.</summary>
    public const string Broken = "broken";
}

/// <summary>Tokens of one answer, as the provider bills them.</summary>
/// <param name="Input">Of the prompt, the cached ones included.</param>
/// <param name="CachedInput">Those of the input that cost less because the provider knew them.</param>
/// <param name="Output">Written and thought.</param>
public sealed record TokenUsage(long Input, long CachedInput, long Output)
{
    /// <summary>The provider did not come to the end: counted from what had arrived.</summary>
    public bool IsEstimated { get; init; }

    /// <summary>Those of the output that only thought; nothing where the provider does not tell.</summary>
    public long Thought { get; init; }

    public string? ProviderRequestId { get; init; }
}

/// <summary>Continues a conversation. One attempt, no retry: the provider bills every one.</summary>
public interface IChatModel
{
    /// <summary>
    /// The answer as it is written; leaving off early calls the provider off. What fails after it had begun is told by its last piece,
    /// because what came until then was used.
    /// </summary>
    /// <exception cref="ModelFailure">The provider refused, failed, or answered nothing.</exception>
    IAsyncEnumerable<ChatPiece> Stream(ChatOrder order, CancellationToken stop);
}
