using Ledgerline.Kernel;

namespace Ledgerline.Wallet;

/// <summary>Gives back together what a wallet's open holds reserve whose time is over. Answers how many they are.</summary>
internal sealed class SweepOperation(AccountId account, string unit) : LedgerOperation<int>(account, unit)
{
    /// <summary>What is due, as it was read under the wallet's lock.</summary>
    public List<DueHolds> Due { get; } = [];

    /// <summary>What those of them reserve that lie over several lots.</summary>
    public List<HoldLot> DueOverLots { get; } = [];

    public override string Kind => "release";

    protected override int Decided(WalletBook book, DateTimeOffset now)
    {
        var holds = Due.Sum(due => due.Holds);
        if (holds > 0)
        {
            book.ReleaseTogether(
                [.. Due.Where(due => due.GrantId is not null).Select(due => new HoldLot(due.GrantId!, due.AmountMicro)), .. DueOverLots],
                Due.Where(due => due.Budget is not null).Select(due => (due.Budget!, due.AmountMicro)));
        }

        return holds;
    }
}

/// <summary>How many of a wallet's open holds are due and what they reserve in micro-credits, those of one lot and one budget together.</summary>
internal sealed class DueHolds
{
    public AccountId AccountId { get; init; }
    public required string Unit { get; init; }

    /// <summary>Null for those over several lots.</summary>
    public string? GrantId { get; init; }
    public string? Budget { get; init; }
    public int Holds { get; init; }
    public long AmountMicro { get; init; }
}
