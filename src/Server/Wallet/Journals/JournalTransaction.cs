namespace Ledgerline.Wallet.Journals;

/// <summary>A transaction with its entries in order.</summary>
internal sealed class JournalTransaction
{
    public required string AccountId { get; init; }
    public required string Id { get; init; }
    public required string Kind { get; init; }
    public required string TransactionKey { get; init; }
    public required string Description { get; init; }
    public string? PaymentId { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public List<JournalEntry> Entries { get; } = [];
}
