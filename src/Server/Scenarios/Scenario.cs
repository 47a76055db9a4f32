using Ledgerline.Kernel;

namespace Ledgerline.Scenarios;

/// <summary>Who the model is on a call, and what it does there.</summary>
/// <param name="Id">A built-in's id, or <c>custom_&lt;number&gt;_&lt;Unix second&gt;</c>.</param>
/// <param name="Voice">One of the realtime provider's voices.</param>
/// <param name="Temperature">0 to 1; stored and shown, not sent to the provider any more.</param>
/// <param name="Owner">Null for a built-in.</param>
/// <param name="RowId">The owner's other name for it; null for a built-in.</param>
/// <param name="TakesDtmf">Keys that are pressed during the call reach the model as notes.</param>
public sealed record Scenario(
    string Id, string? Name, string Persona, string Prompt, string Voice, decimal Temperature, AccountId? Owner = null, long? RowId = null, bool TakesDtmf = false);

/// <summary>What a name led to.</summary>
/// <param name="Scenario">Null when the account may not use what the name means.</param>
/// <param name="IsForeign">It means somebody else's scenario.</param>
public sealed record ScenarioFound(Scenario? Scenario, bool IsForeign);
