using System.Globalization;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Chat;

/// <summary>Reads what chat clients send.</summary>
internal static class ChatInput
{
    public const int MostListed = 1000;

    /// <summary>The id in the path. One that no room can have is one that nobody has.</summary>
    /// <exception cref="Invalid">It is no number.</exception>
    public static long Id(string text) =>
        text.Length > 0 && text.All(char.IsAsciiDigit)
            ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0
            : throw new Invalid("path", "chatroom_id", "The id of a chatroom must be a whole number", "int_parsing");

    /// <exception cref="Invalid">Empty, too long, or with characters that are none.</exception>
    public static string Name(string? name)
    {
        var text = Text(name, "name", ChatOptions.LongestName);
        return !ShownText.IsFit(text) ? throw new Invalid("body", "name", "The name must not contain control characters") : text;
    }

    /// <inheritdoc cref="Name"/>
    public static string Content(string? content)
    {
        var text = Text(content, "content", ChatOptions.LongestContent);
        return text.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t'))
            ? throw new Invalid("body", "content", "The content must not contain control characters but line breaks and tabs")
            : text;
    }

    /// <summary>Null when it is not given.</summary>
    /// <exception cref="Invalid">It is none of them.</exception>
    public static string? Pays(string? pays) =>
        pays is null || RoomPays.All.Contains(pays) ? pays : throw new Invalid("body", "pays", $"pays must be one of {string.Join(", ", RoomPays.All)}", "literal_error");

    /// <exception cref="Invalid">It is no whole number from 1 to 1000.</exception>
    public static int? Limit(HttpRequest request) => Whole(request, "limit") is not { } limit ? null
        : limit is >= 1 and <= MostListed ? (int)limit
        : throw new Invalid("query", "limit", $"limit must be a whole number from 1 to {MostListed}", "int_parsing");

    /// <exception cref="Invalid">It is no whole number.</exception>
    public static long? BeforeId(HttpRequest request) => Whole(request, "before_id");

    private static long? Whole(HttpRequest request, string name) => request.Query[name].ToString() switch
    {
        "" => null,
        var text when text.All(char.IsAsciiDigit) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : long.MaxValue,
        _ => throw new Invalid("query", name, $"{name} must be a whole number", "int_parsing"),
    };

    // Characters as people count them: a smiley is one.
    private static string Text(string? text, string field, int longest)
    {
        if (text is null)
        {
            throw Invalid.Missing("body", field);
        }

        return string.IsNullOrWhiteSpace(text) ? throw new Invalid("body", field, $"The {field} must not be empty", "string_too_short")
            : text.Length > longest && text.EnumerateRunes().Count() > longest
                ? throw new Invalid("body", field, $"The {field} must have at most {longest} characters", "string_too_long")
                : text;
    }
}
