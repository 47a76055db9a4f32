using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>What somebody wants to use.</summary>
/// <param name="Key">Names this one attempt; a key authorises once.</param>
public sealed record AudioUse(AccountId Account, string Action, string Model, decimal Seconds, string Key, TimeSpan Lifetime);

/// <summary>
/// Money stands behind this work. Who holds one may call a paid provider, once; it can only come from a hold that succeeded.
/// </summary>
public sealed class Authorization
{
    private Authorization(AudioUse use, AudioPrice price, string holdId) => (Use, Price, HoldId) = (use, price, holdId);

    public AudioUse Use { get; }
    internal AudioPrice Price { get; }
    internal string HoldId { get; }

    internal static async Task<(Authorization? Authorization, Credits Needed, HoldAnswer Hold)> Obtain(
        Ledger ledger, AudioUse use, AudioPrice price, CancellationToken stop)
    {
        var needed = PriceBook.PriceOf(price, use.Seconds);
        var hold = await ledger.Hold(new HoldOrder(use.Account, price.Unit, use.Key, needed, use.Action, use.Lifetime), stop);
        return hold.Again
            ? throw new InvalidOperationException($"The use {use.Key} was authorised before.")
            : (hold.HoldId is { } id ? new Authorization(use, price, id) : null, needed, hold);
    }
}
