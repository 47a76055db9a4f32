using System.Text.RegularExpressions;

namespace Tests.House;

/// <summary>A pattern that no line may hold, what to write instead, and the exceptions with a reason each.</summary>
/// <param name="In">Beginnings or endings of the paths it holds for; none: everywhere.</param>
/// <param name="Code">True: C# without its comments. False: every text.</param>
internal sealed partial record Ban(string Pattern, string Instead, string[]? In = null, bool Code = true)
{
    private readonly Regex _pattern = new(Pattern);

    public Dictionary<string, string> Except { get; } = [];

    public bool Covers(string file) =>
        (!Code || file.EndsWith(".cs", StringComparison.Ordinal))
        && (In is null || In.Any(place => file.StartsWith(place, StringComparison.Ordinal) || file.EndsWith(place, StringComparison.Ordinal)));

    /// <summary>The banned words of the line, or null.</summary>
    public string? Find(string line) => _pattern.Match(Code ? Comment().Replace(line, "") : line) is { Success: true } found ? found.Value : null;

    [GeneratedRegex("(?<!:)//.*$")]
    private static partial Regex Comment();
}
