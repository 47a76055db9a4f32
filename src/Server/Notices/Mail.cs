using System.Text;

namespace Ledgerline.Notices;

/// <summary>
/// A mail to an account. Whatever gets into its words cannot become a header or end one: control characters are gone from the
/// subject, and from the text all but line ends and tabs.
/// </summary>
public sealed record Mail
{
    private const int LongestKey = 200;
    private const int LongestSubject = 200;

    /// <param name="key">Names the step that this mail tells of, unique within the account: <c>payment-failed:in_1</c>. No address, no secret: it is logged.</param>
    /// <param name="subject">Cut after 200 characters.</param>
    /// <param name="text">Lines end with \n.</param>
    /// <param name="html">The same words with mark-up, where a mail has some; what comes from people must be encoded already.</param>
    public Mail(string key, string subject, string text, string? html = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, LongestKey);
        (Key, Subject, Text, Html) = (key, Line(subject), Lines(text), html is null ? null : Lines(html));
    }

    public string Key { get; }
    public string Subject { get; }
    public string Text { get; }
    public string? Html { get; }

    /// <summary>One line of a header: control characters and line separators become spaces, and several of those one.</summary>
    internal static string Line(string text)
    {
        var line = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (line.Length + rune.Utf16SequenceLength > LongestSubject)
            {
                break;
            }

            var isBlank = Rune.IsWhiteSpace(rune) || Rune.IsControl(rune);
            if (!isBlank)
            {
                line.Append(rune);
            }
            else if (line.Length > 0 && line[^1] != ' ')
            {
                line.Append(' ');
            }
        }

        return line.ToString().TrimEnd();
    }

    // Half a surrogate pair is no text for a database, and becomes the sign for a missing letter.
    private static string Lines(string text)
    {
        var lines = new StringBuilder(text.Length);
        foreach (var rune in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (!Rune.IsControl(rune) || rune.Value is '\n' or '\t')
            {
                lines.Append(rune);
            }
        }

        return lines.ToString();
    }
}
