namespace Ledgerline.Wallet;

/// <summary>What a budget has used up, as it is stored and as it becomes; amounts in micro-credits.</summary>
internal sealed class BudgetRow
{
    public required string Name { get; init; }
    public long SpentMicro { get; private set; }
    public long HeldMicro { get; private set; }
    public bool IsChanged { get; private set; }

    public static BudgetRow Of(string name, long spentMicro, long heldMicro) => new() { Name = name, SpentMicro = spentMicro, HeldMicro = heldMicro };

    public void Change(long spent, long held)
    {
        SpentMicro += spent;
        HeldMicro += held;
        IsChanged = true;
        if (SpentMicro < 0 || HeldMicro < 0)
        {
            throw new InvalidOperationException($"Budget {Name} would have {SpentMicro} spent and {HeldMicro} held.");
        }
    }
}
