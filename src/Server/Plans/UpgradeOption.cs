namespace Ledgerline.Plans;

/// <summary>What would help somebody who was refused. Texts, as clients show them.</summary>
/// <param name="Price"><c>$49.99</c></param>
/// <param name="Calls"><c>20/week</c>, <c>unlimited</c></param>
public sealed record UpgradeOption(string Plan, string Price, string Calls, string ProductId);

/// <summary>A plan as price lists show it.</summary>
/// <param name="Billing"><c>weekly</c>, <c>monthly</c></param>
public sealed record PriceTag(string Price, string Billing, IReadOnlyList<string> Features);
