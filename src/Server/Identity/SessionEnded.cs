using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>A sign-in session was ended. Published in the transaction that ended it; what the session had open must close.</summary>
public sealed record SessionEnded(AccountId Account, string SessionId);
