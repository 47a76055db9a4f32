using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>The door to accounts: who somebody is.</summary>
public sealed class Accounts
{
    /// <summary>Null when there is no such account.</summary>
    public Task<Account?> Find(AccountId id, CancellationToken stop = default) => throw new NotImplementedException();
}
