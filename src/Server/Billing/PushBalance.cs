using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Realtime;
using Ledgerline.Wallet;

namespace Ledgerline.Billing;

/// <summary>Shows every change of a balance on the account's open streams, if and only if it becomes true.</summary>
internal sealed class PushBalance(Channels channels) : IWithin<BalanceChanged>
{
    /// <summary>The data of <c>balance_updated</c>; whole credits. Owed is null when nothing is.</summary>
    public sealed record Data(string Unit, long NewBalance, long? Owed, string Reason);

    public Task Happen(Transaction transaction, IReadOnlyList<BalanceChanged> news, CancellationToken stop)
    {
        foreach (var change in news)
        {
            var (available, owed) = (new Kernel.Credits(change.AvailableMicro), new Kernel.Credits(change.OwedMicro));
            channels.Publish(
                transaction, change.Account, "balance_updated",
                new Data(change.Unit, available.Floor, owed > Kernel.Credits.Zero ? owed.Ceiling : null, change.Kind));
        }

        return Task.CompletedTask;
    }
}
