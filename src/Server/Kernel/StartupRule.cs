namespace Ledgerline.Kernel;

/// <summary>
/// What a capability asks of its settings before the product starts: one sentence for each fault, naming the setting. Registered
/// as a service; any sentence stops the start.
/// </summary>
public sealed record StartupRule(Func<IEnumerable<string>> Faults);
