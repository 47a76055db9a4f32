using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>Something smaller than an account that has a limit of its own, such as an API key: holds and charges in its name are counted.</summary>
/// <param name="Name">Unique within the account: <c>key:…</c>.</param>
/// <param name="Limit">What may be spent and held in its name in all; null counts without refusing.</param>
public sealed record Budget(string Name, Credits? Limit);

/// <summary>What a budget has used up.</summary>
public readonly record struct BudgetState(Credits Spent, Credits Held, Credits Limit)
{
    public Credits Available => Spent + Held >= Limit ? Credits.Zero : Limit - Spent - Held;
}
