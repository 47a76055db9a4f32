using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>
/// Money stands behind this work. Who holds one may call a paid provider, once; it can only come from a hold that succeeded.
/// </summary>
public abstract class Authorization<TUse>
    where TUse : PaidUse
{
    private int spent;

    private protected Authorization(TUse use, string unit, string holdId) => (Use, Unit, HoldId) = (use, unit, holdId);

    public TUse Use { get; }
    internal string Unit { get; }
    internal string HoldId { get; }

    /// <summary>Called right before the provider is: a second call needs money of its own.</summary>
    /// <exception cref="InvalidOperationException">It was spent before.</exception>
    public TUse Spend() => Interlocked.Exchange(ref spent, 1) == 0
        ? Use
        : throw new InvalidOperationException($"The authorization of {Use.Action} {Use.Key} was spent before.");

    /// <exception cref="InvalidOperationException">The key was used before.</exception>
    private protected static async Task<HoldAnswer> Hold(Ledger ledger, TUse use, string unit, Credits needed, CancellationToken stop)
    {
        var hold = await ledger.Hold(new HoldOrder(use.Account, unit, use.Key, needed, use.Action, use.Lifetime) { Budget = use.Limit?.Budget }, stop);
        return hold.Again ? throw new InvalidOperationException($"The use {use.Key} was authorised before.") : hold;
    }
}

/// <summary>Leave to have a recording worked on.</summary>
public sealed class Authorization : Authorization<AudioUse>
{
    private Authorization(AudioUse use, AudioPrice price, string holdId)
        : base(use, price.Unit, holdId) => Price = price;

    internal AudioPrice Price { get; }

    internal static async Task<(Authorization? Authorization, Credits Needed, HoldAnswer Hold)> Obtain(
        Ledger ledger, AudioUse use, AudioPrice price, CancellationToken stop)
    {
        var needed = PriceBook.PriceOf(price, use.Seconds);
        var hold = await Hold(ledger, use, price.Unit, needed, stop);
        return (hold.HoldId is { } id ? new Authorization(use, price, id) : null, needed, hold);
    }
}

/// <summary>Leave to have a conversation continued.</summary>
public sealed class TokenAuthorization : Authorization<TokenUse>
{
    private TokenAuthorization(TokenUse use, TokenPrice price, string holdId)
        : base(use, price.Unit, holdId) => Price = price;

    internal TokenPrice Price { get; }

    internal static async Task<(TokenAuthorization? Authorization, Credits Needed, HoldAnswer Hold)> Obtain(
        Ledger ledger, TokenUse use, TokenPrice price, CancellationToken stop)
    {
        var needed = PriceBook.MostOf(price, use.InputTokens, use.MostOutputTokens);
        var hold = await Hold(ledger, use, price.Unit, needed, stop);
        return (hold.HoldId is { } id ? new TokenAuthorization(use, price, id) : null, needed, hold);
    }

    /// <summary>Null when no hold of this key is open.</summary>
    internal static async Task<TokenAuthorization?> Resume(Ledger ledger, TokenUse use, TokenPrice price, CancellationToken stop) =>
        await ledger.IsOpen(use.Account, use.Key, stop) ? new TokenAuthorization(use, price, use.Key) : null;
}

/// <summary>Leave to have a spoken answer given.</summary>
public sealed class VoiceAuthorization : Authorization<VoiceUse>
{
    private VoiceAuthorization(VoiceUse use, string holdId)
        : base(use, Kernel.Unit.Credit, holdId)
    {
    }

    /// <summary>Of a hold that there is, to be charged.</summary>
    internal static VoiceAuthorization Of(VoiceUse use) => new(use, use.Key);

    internal static async Task<(VoiceAuthorization? Authorization, HoldAnswer Hold)> Obtain(Ledger ledger, VoiceUse use, CancellationToken stop)
    {
        var hold = await Hold(ledger, use, Kernel.Unit.Credit, use.AtMost, stop);
        return (hold.HoldId is { } id ? new VoiceAuthorization(use, id) : null, hold);
    }
}
