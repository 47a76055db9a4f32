using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>An account exists now. Published in the transaction that created it.</summary>
/// <param name="Kind">How it signed in first: one of <see cref="IdentityKind"/>.</param>
/// <param name="Platform">What registered it: one of <see cref="Identity.Platform"/>.</param>
public sealed record AccountCreated(AccountId Account, string Kind, string Platform);
