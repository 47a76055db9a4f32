namespace Ledgerline.Wallet;

/// <summary>A grant as the wallet spends it: amounts in micro-credits; held is a part of remaining.</summary>
internal class Lot
{
    private bool changed;

    public required string Id { get; init; }
    public required string Source { get; init; }

    /// <summary>Null when it was read for spending only.</summary>
    public string? GrantKey { get; set; }

    public int Priority { get; init; }
    public long AmountMicro { get; init; }
    public long RemainingMicro { get; set; }
    public long HeldMicro { get; set; }
    public long ClawedMicro { get; set; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public long? PaidMinor { get; init; }
    public string? Currency { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>What its row says is held, where the row is ahead: the holds to be decided are reserved in it already.</summary>
    public long? RowHeldMicro { get; init; }

    public bool IsNew { get; init; }
    public bool IsChanged => RowHeldMicro is { } row ? HeldMicro != row : changed;

    public long FreeMicro => RemainingMicro - HeldMicro;

    public void Change(long remaining, long held)
    {
        RemainingMicro += remaining;
        HeldMicro += held;
        changed = true;
        if (HeldMicro < 0 || RemainingMicro < HeldMicro || RemainingMicro > AmountMicro)
        {
            throw new InvalidOperationException($"Lot {Id} would hold {HeldMicro} of {RemainingMicro} of {AmountMicro}.");
        }
    }
}
