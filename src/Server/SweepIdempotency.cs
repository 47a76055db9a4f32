using Ledgerline.Http;
using Ledgerline.Jobs;

namespace Ledgerline;

/// <summary>Every hour.</summary>
internal sealed record IdempotencySweepDue;

/// <summary>Deletes answers that were kept for a while only. Stands on the roof because answers and jobs share a floor.</summary>
internal sealed class SweepIdempotency(Idempotency idempotency) : IJob<IdempotencySweepDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    public Task Run(IdempotencySweepDue news, CancellationToken stop) => idempotency.Sweep(stop);
}
