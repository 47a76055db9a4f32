using System.Text;

namespace Ledgerline.Ai;

/// <summary>Counts an answer while it comes, for the case that it never says what it used.</summary>
/// <param name="promptTokens">Probably so many; counted where the provider says nothing.</param>
public sealed class ChatTally(long promptTokens)
{
    private long bytes;
    private TokenUsage? said;

    /// <summary>Whether anything has come.</summary>
    public bool HasBegun { get; private set; }

    public bool HasWords => bytes > 0;

    public void Add(ChatPiece piece)
    {
        Add(piece.Text);
        foreach (var call in piece.Calls)
        {
            Add(call.Name);
            Add(call.Arguments);
        }

        if ((piece.Usage ?? piece.SoFar) is { } usage)
        {
            said = usage;
        }

        HasBegun = true;
    }

    public void Add(string written)
    {
        HasBegun = true;
        bytes += Encoding.UTF8.GetByteCount(written);
    }

    /// <summary>What was probably used: what the provider has said, and no less than what has come.</summary>
    public TokenUsage Estimate(string? requestId = null)
    {
        var written = TokenEstimate.Likely(bytes);
        return said is null
            ? new TokenUsage(promptTokens, 0, written) { IsEstimated = true, ProviderRequestId = requestId }
            : said with { Output = Math.Max(said.Output, said.Thought + written), IsEstimated = true, ProviderRequestId = said.ProviderRequestId ?? requestId };
    }
}
