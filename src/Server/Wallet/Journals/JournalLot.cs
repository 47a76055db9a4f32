namespace Ledgerline.Wallet.Journals;

/// <summary>A lot as it is kept, in micro-units.</summary>
internal sealed class JournalLot
{
    public required string AccountId { get; init; }
    public required string Id { get; init; }
    public required string Unit { get; init; }
    public long RemainingMicro { get; init; }
}
