using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>Reserves credits before work starts. The same key of the same account is the same hold.</summary>
/// <param name="Key">Names the hold; unique within the account.</param>
/// <param name="Purpose">What it pays for, as the book of earnings is named: <c>transcribe</c>.</param>
public sealed record HoldOrder(AccountId Account, string Unit, string Key, Credits Amount, string Purpose, TimeSpan Lifetime)
{
    /// <summary>What counts this hold and its charge besides the wallet.</summary>
    public Budget? Budget { get; init; }
}

/// <summary>Either the hold, or what was missing. Nothing is reserved when it is refused.</summary>
/// <param name="HoldId">The order's key; null when refused.</param>
/// <param name="Again">The key had been used before: this is that hold, whatever has become of it.</param>
public sealed record HoldAnswer(string? HoldId, Credits Available, bool Again)
{
    public bool Refused => HoldId is null;

    /// <summary>What other open holds reserve of the wallet.</summary>
    public Credits Held { get; init; }

    /// <summary>The budget that refused it; null when the wallet did, or nobody.</summary>
    public BudgetState? Over { get; init; }
}

/// <summary>Charges what was measured, which may be less or more than was held.</summary>
public sealed record CaptureOrder(AccountId Account, string Unit, string HoldId, Credits Used, string Description);

/// <summary>What was really charged for a hold, and the wallet afterwards.</summary>
/// <param name="Again">The hold had been captured before: nothing was booked now.</param>
public sealed record CaptureAnswer(Credits Charged, WalletBalance Balance, bool Again);

/// <summary>What can be spent now, and what is owed from before. While anything is owed, nothing can be spent.</summary>
public readonly record struct WalletBalance(Credits Available, Credits Owed);

/// <summary>A hold as it is stored and as it becomes; amounts in micro-credits.</summary>
internal class HoldRow
{
    public required string Id { get; init; }
    public long AmountMicro { get; init; }
    public string? GrantId { get; init; }
    public required string Purpose { get; init; }
    public required string Status { get; init; }
    public string? Budget { get; init; }
    public long? CapturedMicro { get; init; }

    /// <summary>Which lots it reserved, and how much of each; empty once it is resolved.</summary>
    public IReadOnlyList<HoldLot> Lots { get; set; } = [];
}

/// <summary>The part of a hold that one lot covers, in micro-credits.</summary>
internal readonly record struct HoldLot(string GrantId, long AmountMicro);

/// <summary>open → captured | released | expired; a released or expired hold can still be captured when late usage arrives.</summary>
internal static class HoldStatus
{
    public const string Open = "open";
    public const string Captured = "captured";
    public const string Released = "released";
    public const string Expired = "expired";
}
