using System.Buffers;
using System.Globalization;

namespace Ledgerline.Scenarios;

/// <summary>A text that may name a scenario of somebody's own, by its id or by the number of its row; anything else never reaches the database.</summary>
internal readonly record struct ScenarioName(string? ScenarioId, long? RowId)
{
    private const string Prefix = "custom_";
    private const int Longest = 64;

    private static readonly SearchValues<char> Letters = SearchValues.Create("0123456789_");

    public bool MayExist => ScenarioId is not null || RowId is not null;

    public static ScenarioName Read(string text) =>
        text.Length is 0 or > Longest ? default
        : text.All(char.IsAsciiDigit) ? new(null, long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null)
        : text.StartsWith(Prefix, StringComparison.Ordinal) && text.AsSpan(Prefix.Length).IndexOfAnyExcept(Letters) < 0 ? new(text, null)
        : default;

    public static string IdOf(long accountNumber, long second) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{accountNumber}_{second}");
}
