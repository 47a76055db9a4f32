using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Scenarios;

namespace Ledgerline.Calls.Scheduling;

/// <summary>A call that was to be placed with a scenario that is deleted cannot be.</summary>
internal sealed class FailScheduled : IWithin<ScenarioDeleted>
{
    public async Task Happen(Transaction transaction, IReadOnlyList<ScenarioDeleted> news, CancellationToken stop)
    {
        foreach (var deleted in news)
        {
            await transaction.Execute(
                "UPDATE scheduled_calls SET status = 'failed', reason = 'Its scenario is gone' WHERE account_id = @Account AND scenario = @ScenarioId AND status = 'scheduled'",
                new { deleted.Account, deleted.ScenarioId },
                stop);
        }
    }
}
