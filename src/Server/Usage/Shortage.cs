using Ledgerline.Kernel;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>Why there is no money behind a request.</summary>
public enum ShortageReason
{
    /// <summary>The balance does not cover it, or something is owed.</summary>
    Balance,

    /// <summary>The limit of who asks is used up.</summary>
    Limit,

    /// <summary>It would fit if no other request were running.</summary>
    InFlight,

    /// <summary>It alone costs more than the limit of who asks.</summary>
    Request,
}

/// <summary>What is missing, and of what.</summary>
/// <param name="OfLimit">True when the caller's own limit refuses, false when the account's balance does.</param>
/// <param name="Available">Of that limit or balance, now.</param>
public sealed record Shortage(ShortageReason Reason, bool OfLimit, Credits Available)
{
    internal static Shortage Of(Credits needed, HoldAnswer hold, bool owes) => hold switch
    {
        { Over: { } over } => new Shortage(
            needed > over.Limit ? ShortageReason.Request : over.Spent + needed <= over.Limit ? ShortageReason.InFlight : ShortageReason.Limit,
            OfLimit: true,
            over.Available),
        _ when owes => new Shortage(ShortageReason.Balance, OfLimit: false, Credits.Zero),
        _ => new Shortage(
            hold.Available + hold.Held >= needed ? ShortageReason.InFlight : ShortageReason.Balance, OfLimit: false, hold.Available),
    };
}
