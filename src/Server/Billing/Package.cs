using Ledgerline.Kernel;

namespace Ledgerline.Billing;

/// <summary>Credits that are sold together.</summary>
/// <param name="Name">As customers read it: <c>Pro Pack</c>.</param>
public sealed record Package(string Id, string Name, long Credits, Money Price);
