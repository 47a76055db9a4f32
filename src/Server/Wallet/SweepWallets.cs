using Ledgerline.Jobs;

namespace Ledgerline.Wallet;

/// <summary>It is time to look for holds and grants that are over.</summary>
public sealed record WalletSweepDue;

/// <summary>Frees what crashed work left reserved and takes back what has expired.</summary>
internal sealed class SweepWallets(Ledger ledger) : IJob<WalletSweepDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    public Task Run(WalletSweepDue news, CancellationToken stop) => ledger.Sweep(stop);
}
