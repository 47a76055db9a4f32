namespace Ledgerline.Wallet.Journals;

/// <summary>A wallet as it is kept, in micro-units.</summary>
internal sealed class JournalWallet
{
    public required string AccountId { get; init; }
    public required string Unit { get; init; }
    public long PostedMicro { get; init; }
    public long OwedMicro { get; init; }
}

/// <summary>A lot as it is kept, in micro-units.</summary>
internal sealed class JournalLot
{
    public required string AccountId { get; init; }
    public required string Id { get; init; }
    public required string Unit { get; init; }
    public long RemainingMicro { get; init; }
}

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
