using Ledgerline.Ai;
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
/// <param name="InputTokens">Hardly more than so many; <see cref="TokenEstimate"/>.</param>
/// <param name="MostOutputTokens">It may write no more, what it thinks included.</param>
public sealed record TokenUse(AccountId Account, string Action, string Model, long InputTokens, long MostOutputTokens, string Key, TimeSpan Lifetime)
    : PaidUse(Account, Action, Model, Key, Lifetime)
{
    // A provider counts its own way, but beyond this it counted something else, and nobody shall owe money for that.
    private const int Believable = 4;
    private const int BelievableTokens = 10_000;

    /// <summary>What a provider counted, as far as it can be a measure of this use; else the most there can have been.</summary>
    public TokenUsage Believe(TokenUsage usage)
    {
        if (usage.Input <= Believable * InputTokens + BelievableTokens && usage.Output <= Believable * MostOutputTokens + BelievableTokens)
        {
            return usage;
        }

        var input = Math.Min(usage.Input, InputTokens);
        return usage with { Input = input, CachedInput = Math.Min(usage.CachedInput, input), Output = Math.Min(usage.Output, MostOutputTokens), IsEstimated = true };
    }
}
