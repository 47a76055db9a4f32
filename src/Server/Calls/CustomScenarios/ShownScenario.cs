using Ledgerline.Kernel;
using Ledgerline.Scenarios;

namespace Ledgerline.Calls.CustomScenarios;

/// <summary>A scenario of somebody's own, as clients see it.</summary>
/// <param name="VoiceType">As it was sent.</param>
internal sealed record ShownScenario(
    long Id, string ScenarioId, string Persona, string Prompt, string VoiceType, decimal Temperature, string CreatedAt, string? Name)
{
    public static ShownScenario Of(CustomScenario own) =>
        new(own.Id, own.ScenarioId, own.Persona, own.Prompt, own.VoiceType, own.Temperature, own.CreatedAt.Iso(), own.Name);
}
