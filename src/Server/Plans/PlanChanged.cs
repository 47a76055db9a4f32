namespace Ledgerline.Plans;

/// <summary>A plan is new, has a new version, or is no longer offered. Published in the transaction that did it.</summary>
/// <param name="Version">The newest one now.</param>
public sealed record PlanChanged(string PlanId, int Version);
