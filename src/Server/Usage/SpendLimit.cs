using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>Counts work in the name of something smaller than the account, such as an API key, and ends it where that has a limit.</summary>
/// <param name="Name">Unique within the account: <c>key:…</c>.</param>
/// <param name="Limit">In credits, for ever; null: counted without refusing.</param>
public sealed record SpendLimit(string Name, Credits? Limit)
{
    internal Budget Budget => new(Name, Limit);
}

/// <summary>What was spent in the name of an account's keys.</summary>
public sealed class SpendSummary(Budgets budgets)
{
    /// <summary>By the name of <see cref="SpendLimit"/>, settled work only; a name that never spent is missing.</summary>
    public Task<IReadOnlyDictionary<string, Credits>> Of(AccountId account, CancellationToken stop = default) =>
        budgets.Spent(account, Unit.Credit, stop);
}
