using System.Text;

namespace Ledgerline.Ai;

/// <summary>
/// How many tokens a text may be, for who cannot ask: tokenizers take some four bytes of ordinary text for one token, and seldom fewer
/// than two of anything.
/// </summary>
public static class TokenEstimate
{
    /// <summary>What a turn or a tool adds by itself: its role and its borders.</summary>
    public const int PerTurn = 8;

    /// <summary>A large picture, with those models that count most for one.</summary>
    public const int Image = 3000;

    private const int LikelyBytes = 4;
    private const int FewestBytes = 2;

    /// <summary>Probably so many: what is charged where the provider did not say.</summary>
    public static long Likely(long bytes) => (bytes + LikelyBytes - 1) / LikelyBytes;

    /// <inheritdoc cref="Likely(long)"/>
    public static long Likely(string text) => Likely(Encoding.UTF8.GetByteCount(text));

    /// <summary>Hardly more than so many: what is held before.</summary>
    public static long AtMost(long bytes) => (bytes + FewestBytes - 1) / FewestBytes;

    /// <inheritdoc cref="AtMost(long)"/>
    public static long AtMost(string text) => AtMost(Encoding.UTF8.GetByteCount(text));

    /// <summary>Of a whole prompt of texts: what <paramref name="count"/> says of each, and what turns and tools add.</summary>
    public static long Prompt(ChatOrder order, Func<string, long> count)
    {
        var sum = order.Instruction is { } instruction ? count(instruction) + PerTurn : 0;
        foreach (var turn in order.Turns)
        {
            sum += PerTurn + count(turn.Text) + turn.Images.Count * Image;
            foreach (var call in turn.Calls)
            {
                sum += PerTurn + count(call.Name) + count(call.Arguments);
            }
        }

        foreach (var tool in order.Tools)
        {
            sum += PerTurn + count(tool.Name) + count(tool.Description ?? "") + count(tool.Parameters ?? "");
        }

        return sum + count(order.Style.Schema ?? "");
    }
}
