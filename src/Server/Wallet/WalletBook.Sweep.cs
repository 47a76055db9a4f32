namespace Ledgerline.Wallet;

/// <summary>Many holds that end as one.</summary>
internal sealed partial class WalletBook
{
    /// <summary>
    /// Gives back what several open holds reserved, to the very lots it came from; only then it pays what is owed. The holds' own rows
    /// are written by whoever asks.
    /// </summary>
    public void ReleaseTogether(IReadOnlyList<HoldLot> reserved, IEnumerable<(string Name, long Micro)> budgets)
    {
        Free(reserved);
        foreach (var (name, micro) in budgets)
        {
            Budget(name).Change(spent: 0, held: -micro);
        }

        Settle();
    }
}
