using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>What an account may use of a product is another today than it was. Published in the transaction that changed it.</summary>
/// <param name="Product">One of <see cref="PlanProduct"/>.</param>
/// <param name="Status">One of <see cref="EntitlementStatus"/>.</param>
public sealed record EntitlementChanged(AccountId Account, string Product, string PlanId, string Status);
