namespace Ledgerline.Wallet.Journals;

/// <summary>A line of a transaction, in micro-units.</summary>
internal sealed class JournalEntry
{
    public required string AccountId { get; init; }
    public required string TransactionId { get; init; }
    public required string Unit { get; init; }
    public required string Book { get; init; }
    public long AmountMicro { get; init; }
    public string? GrantId { get; init; }
}
