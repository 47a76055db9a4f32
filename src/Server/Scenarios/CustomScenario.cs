using System.Globalization;
using Ledgerline.Kernel;

namespace Ledgerline.Scenarios;

/// <summary>A scenario that an account wrote itself.</summary>
public sealed record CustomScenario
{
    internal const string Columns = "account_id, id, scenario_id, name, persona, prompt, voice_type, temperature AS temperature_text, created_at";

    public AccountId AccountId { get; init; }

    /// <summary>A positive integer below 2^53.</summary>
    public long Id { get; init; }

    public required string ScenarioId { get; init; }
    public string? Name { get; init; }
    public required string Persona { get; init; }
    public required string Prompt { get; init; }

    /// <summary>As it was sent.</summary>
    public required string VoiceType { get; init; }

    public decimal Temperature => decimal.Parse(TemperatureText, NumberStyles.Number, CultureInfo.InvariantCulture);
    public DateTimeOffset CreatedAt { get; init; }

    internal string TemperatureText { get; init; } = "";

    internal Scenario Played() => new(ScenarioId, Name, Persona, Prompt, Voices.Find(VoiceType)!, Temperature, AccountId, Id);
}

/// <summary>What somebody writes.</summary>
/// <param name="VoiceType">Known to <see cref="Voices"/>.</param>
/// <param name="Temperature">0 to 1.</param>
public sealed record ScenarioDraft(string? Name, string Persona, string Prompt, string VoiceType, decimal Temperature);

/// <summary>A scenario was deleted by its owner; what was to be played with it later cannot be.</summary>
public sealed record ScenarioDeleted(AccountId Account, string ScenarioId, long Id);
