namespace Ledgerline.Wallet.Journals;

/// <summary>A wallet as its lots add up to it, and what it owes, in micro-units.</summary>
internal sealed class JournalWallet
{
    public required string AccountId { get; init; }
    public required string Unit { get; init; }
    public long RemainingMicro { get; init; }
    public long OwedMicro { get; init; }
}
