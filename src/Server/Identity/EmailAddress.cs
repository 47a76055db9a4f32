namespace Ledgerline.Identity;

/// <summary>How e-mail addresses are compared: trimmed and in lower case.</summary>
internal static class EmailAddress
{
    private const int Longest = 254;

    public static string Normalize(string text) => text.Trim().ToLowerInvariant();

    /// <summary>True for what could be an address: <c>local@host.domain</c> without blanks. Whether mail arrives only mail can tell.</summary>
    public static bool IsPlausible(string normalized)
    {
        if (normalized.Length > Longest || normalized.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || char.IsSurrogate(c)))
        {
            return false;
        }

        return normalized.Split('@') is [{ Length: > 0 and <= 64 }, var host]
            && host.Split('.') is { Length: > 1 } labels
            && labels.All(label => label.Length is > 0 and <= 63 && !label.StartsWith('-') && !label.EndsWith('-'));
    }
}
