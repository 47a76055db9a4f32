using System.Text;

namespace Ledgerline.Kernel;

/// <summary>What people call themselves and their things: one line, shown to others beside other text.</summary>
public static class ShownText
{
    /// <summary>Whether it may stand in such a line.</summary>
    public static bool IsFit(string text) => !text.EnumerateRunes().Any(IsUnfit);

    /// <summary>Beside control characters: line ends of Unicode, and what turns the direction of all the text that follows on a page.</summary>
    public static bool IsUnfit(Rune rune) => Rune.IsControl(rune) || rune.Value is 0x2028 or 0x2029 or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069);
}
