using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>What somebody wants to use.</summary>
/// <param name="Key">Names this one attempt; a key authorises once.</param>
public sealed record AudioUse(AccountId Account, string Action, string Model, decimal Seconds, string Key, TimeSpan Lifetime)
{
    /// <summary>Counts it besides the wallet.</summary>
    public SpendLimit? Limit { get; init; }
}

/// <summary>
/// Money stands behind this work. Who holds one may call a paid provider, once; it can only come from a hold that succeeded.
/// </summary>
public sealed class Authorization
{
    private int spent;

    private Authorization(AudioUse use, AudioPrice price, string holdId) => (Use, Price, HoldId) = (use, price, holdId);

    public AudioUse Use { get; }
    internal AudioPrice Price { get; }
    internal string HoldId { get; }

    /// <summary>Called right before the provider is: a second call needs money of its own.</summary>
    /// <exception cref="InvalidOperationException">It was spent before.</exception>
    public AudioUse Spend() => Interlocked.Exchange(ref spent, 1) == 0
        ? Use
        : throw new InvalidOperationException($"The authorization of {Use.Action} {Use.Key} was spent before.");

    internal static async Task<(Authorization? Authorization, Credits Needed, HoldAnswer Hold)> Obtain(
        Ledger ledger, AudioUse use, AudioPrice price, CancellationToken stop)
    {
        var needed = PriceBook.PriceOf(price, use.Seconds);
        var order = new HoldOrder(use.Account, price.Unit, use.Key, needed, use.Action, use.Lifetime) { Budget = use.Limit?.Budget };
        var hold = await ledger.Hold(order, stop);
        return hold.Again
            ? throw new InvalidOperationException($"The use {use.Key} was authorised before.")
            : (hold.HoldId is { } id ? new Authorization(use, price, id) : null, needed, hold);
    }
}
