using System.Text;

namespace Sandbox.Replies;

/// <summary>The sandbox's way of counting: one token for every four characters (Unicode scalars) begun, 258 for each piece of media.</summary>
internal static class Tokens
{
    public const int Media = 258;
    private const int Characters = 4;

    public static int Of(string text) => (Length(text) + Characters - 1) / Characters;

    /// <summary>The beginning of the text that takes so many tokens at most.</summary>
    public static string Begin(string text, int tokens)
    {
        var kept = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().Take(Math.Max(0, tokens) * Characters))
        {
            kept.Append(rune);
        }

        return kept.ToString();
    }

    private static int Length(string text)
    {
        var runes = 0;
        foreach (var _ in text.EnumerateRunes())
        {
            runes++;
        }

        return runes;
    }
}
