using Ledgerline.Http;
using Ledgerline.Jobs;

namespace Ledgerline;

/// <summary>Every five minutes.</summary>
internal sealed record RateLimitSweepDue;

/// <summary>Deletes the counters of windows that are over. Stands on the roof because limits and jobs share a floor.</summary>
internal sealed class SweepRateLimits(Counters counters) : IJob<RateLimitSweepDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    public Task Run(RateLimitSweepDue news, CancellationToken stop) => counters.Sweep(stop);
}
