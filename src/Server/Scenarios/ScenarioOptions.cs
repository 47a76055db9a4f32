namespace Ledgerline.Scenarios;

/// <summary>Which built-in scenarios the operator switched off: <c>DISABLED_SCENARIOS</c>, ids with commas between them.</summary>
internal sealed record ScenarioOptions(IReadOnlySet<string> Disabled)
{
    private const string Setting = "DISABLED_SCENARIOS";

    /// <exception cref="FormatException">The setting names a scenario that does not exist, and the one that was meant would stay on.</exception>
    public static ScenarioOptions Read(IConfiguration settings)
    {
        var disabled = (settings[Setting] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        return disabled.FirstOrDefault(id => AllBuiltIns.List.All(scenario => scenario.Id != id)) is { } unknown
            ? throw new FormatException($"{Setting} names {unknown}, which is none of the built-in scenarios.")
            : new ScenarioOptions(disabled);
    }
}
