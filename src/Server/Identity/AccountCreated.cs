using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>An account exists now. Published in the transaction that created it.</summary>
/// <param name="Kind">How it signed in first: one of <see cref="IdentityKind"/>.</param>
public sealed record AccountCreated(AccountId Account, string Kind);
