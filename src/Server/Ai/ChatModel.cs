namespace Ledgerline.Ai;

/// <summary>One turn of a conversation.</summary>
/// <param name="Role">One of <see cref="ChatRole"/>.</param>
public sealed record ChatTurn(string Role, string Text);

/// <summary>Who speaks, in no provider's words.</summary>
public static class ChatRole
{
    public const string User = "user";
    public const string Model = "model";
}

/// <summary>A conversation that is to be continued.</summary>
/// <param name="Turns">In order; the first and the last are the user's.</param>
public sealed record ChatOrder(string Model, IReadOnlyList<ChatTurn> Turns)
{
    /// <summary>What the model is told beforehand.</summary>
    public string? Instruction { get; init; }

    /// <summary>The most tokens it may write, what it thinks included.</summary>
    public int? MostTokens { get; init; }
}

/// <summary>A part of the answer as it is written. The last one says how it ended and what was used.</summary>
public sealed record ChatPiece(string Text)
{
    /// <summary>One of <see cref="ChatEnd"/>; null while more follows.</summary>
    public string? End { get; init; }

    /// <summary>Of the whole answer; only on the last piece.</summary>
    public TokenUsage? Usage { get; init; }
}

/// <summary>Why an answer ended.</summary>
public static class ChatEnd
{
    public const string Stop = "stop";

    /// <summary>There were no tokens left for more.</summary>
    public const string Length = "length";

    /// <summary>The provider does not let it through.</summary>
    public const string Blocked = "blocked";
}

/// <summary>Tokens of one answer, as the provider bills them.</summary>
/// <param name="Input">Of the prompt, the cached ones included.</param>
/// <param name="CachedInput">Those of the input that cost less because the provider knew them.</param>
/// <param name="Output">Written and thought.</param>
public sealed record TokenUsage(long Input, long CachedInput, long Output)
{
    /// <summary>The provider did not come to the end: counted from what had arrived.</summary>
    public bool IsEstimated { get; init; }

    public string? ProviderRequestId { get; init; }
}

/// <summary>Continues a conversation. One attempt, no retry: the provider bills every one.</summary>
public interface IChatModel
{
    /// <summary>The answer as it is written; leaving off early calls the provider off.</summary>
    /// <exception cref="ModelFailure">The provider refused, failed, or answered nothing.</exception>
    IAsyncEnumerable<ChatPiece> Stream(ChatOrder order, CancellationToken stop);
}
