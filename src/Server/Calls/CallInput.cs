using System.Globalization;
using Ledgerline.Http;

namespace Ledgerline.Calls;

/// <summary>Reads what clients of calls send.</summary>
internal static class CallInput
{
    private const int MostListed = 1000;

    /// <exception cref="Invalid">It is no whole number from 1 to 1000.</exception>
    public static int Limit(HttpRequest request, int otherwise) => Whole(request, "limit", otherwise) is >= 1 and <= MostListed and var limit
        ? limit
        : throw new Invalid("query", "limit", $"limit must be a whole number from 1 to {MostListed}");

    /// <exception cref="Invalid">It is no whole number.</exception>
    public static int Offset(HttpRequest request) => Whole(request, "offset", 0) is >= 0 and var offset
        ? offset
        : throw new Invalid("query", "offset", "offset must be a whole number, 0 or more");

    /// <summary>An instant with its zone; one without is taken as UTC.</summary>
    /// <exception cref="Invalid">It is none.</exception>
    public static DateTimeOffset Time(string? text, string field) =>
        text is { Length: > 0 and <= 64 } && text.Any(char.IsAsciiDigit) && text.Contains('-', StringComparison.Ordinal)
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new Invalid("body", field, $"{field} must be a time such as 2026-11-21T14:30:00Z");

    /// <summary>Trimmed; null when it is not given.</summary>
    /// <exception cref="Invalid">It is too long, or has characters that are none.</exception>
    public static string? Text(string? text, string field, int longest)
    {
        var kept = text?.Trim();
        return kept is null or "" ? null
            : kept.Length > longest ? throw new Invalid("body", field, $"{field} must not be longer than {longest} characters")
            : kept.Any(letter => char.IsControl(letter) && letter is not ('\n' or '\r' or '\t')) ? throw new Invalid("body", field, $"{field} must not contain control characters")
            : kept;
    }

    private static int Whole(HttpRequest request, string name, int otherwise) => request.Query[name].ToString() switch
    {
        "" => otherwise,
        var text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1,
    };
}
