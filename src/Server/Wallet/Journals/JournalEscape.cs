using System.Globalization;
using System.Text;

namespace Ledgerline.Wallet.Journals;

/// <summary>Writes any text so that hledger reads it as that text and nothing else, and no two texts are written alike.</summary>
internal static class JournalEscape
{
    /// <summary>Free text: what would end the line, begin a comment or split the payee off is written <c>\x3b</c>.</summary>
    public static string Description(string text) => Escape(text, ";|");

    /// <summary>A tag's value, which a comma would end; brackets could be read as a date.</summary>
    public static string Tag(string text) => Escape(text, ";|,[]");

    /// <summary>One part of an account's name.</summary>
    public static string Name(string text) => Percent(text, "");

    /// <summary>A book's name, whose colons are its levels.</summary>
    public static string Book(string text) => Percent(text, ":");

    /// <summary>A commodity, quoted because it may hold digits or signs.</summary>
    public static string Unit(string text) => $"\"{Percent(text, "")}\"";

    private static string Escape(string text, string special)
    {
        if (text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter == ' '))
        {
            return text;
        }

        var safe = new StringBuilder(text.Length + 16);
        for (var at = 0; at < text.Length; at++)
        {
            var letter = text[at];
            if (char.IsHighSurrogate(letter) && at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            {
                safe.Append(letter).Append(text[++at]);
            }
            else if (letter == '\\' || special.Contains(letter) || char.IsControl(letter) && letter < 256)
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\x{(int)letter:x2}");
            }
            else if (char.IsSurrogate(letter) || CharUnicodeInfo.GetUnicodeCategory(letter)
                is UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Format)
            {
                safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            }
            else
            {
                safe.Append(letter);
            }
        }

        return safe.ToString();
    }

    private static string Percent(string text, string allowed)
    {
        bool IsPlain(byte letter) => char.IsAsciiLetterOrDigit((char)letter) || "-_.@".Contains((char)letter) || allowed.Contains((char)letter);
        var bytes = Encoding.UTF8.GetBytes(text);
        return Array.TrueForAll(bytes, IsPlain)
            ? text
            : string.Concat(bytes.Select(letter => IsPlain(letter) ? $"{(char)letter}" : $"%{letter:x2}"));
    }
}
