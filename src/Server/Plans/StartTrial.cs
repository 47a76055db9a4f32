using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>Every account starts with a trial, in the transaction that creates it.</summary>
internal sealed class StartTrial(AllowanceStore store, TimeProvider clock) : IWithin<AccountCreated>
{
    public Task Happen(Transaction transaction, IReadOnlyList<AccountCreated> news, CancellationToken stop)
    {
        foreach (var created in news)
        {
            store.Begin(transaction, created.Account, created.Platform, clock.GetUtcNow());
        }

        return Task.CompletedTask;
    }
}
