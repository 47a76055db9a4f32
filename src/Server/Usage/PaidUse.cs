using Ledgerline.Kernel;

namespace Ledgerline.Usage;

/// <summary>What somebody wants to use for money.</summary>
/// <param name="Action">As the ledger names it.</param>
/// <param name="Key">Names this one attempt; a key authorises once.</param>
/// <param name="Lifetime">After it a hold that nobody ended goes back.</param>
public abstract record PaidUse(AccountId Account, string Action, string Model, string Key, TimeSpan Lifetime)
{
    /// <summary>Counts it besides the wallet.</summary>
    public SpendLimit? Limit { get; init; }
}

/// <summary>A recording that is to be worked on.</summary>
/// <param name="Seconds">How long it is.</param>
public sealed record AudioUse(AccountId Account, string Action, string Model, decimal Seconds, string Key, TimeSpan Lifetime)
    : PaidUse(Account, Action, Model, Key, Lifetime);

/// <summary>A conversation that a model is to continue.</summary>
/// <param name="InputTokens">Hardly more than so many; <see cref="Ai.TokenEstimate"/>.</param>
/// <param name="MostOutputTokens">It may write no more, what it thinks included.</param>
public sealed record TokenUse(AccountId Account, string Action, string Model, long InputTokens, long MostOutputTokens, string Key, TimeSpan Lifetime)
    : PaidUse(Account, Action, Model, Key, Lifetime);
