using Ledgerline.Jobs;

namespace Ledgerline.Plans;

/// <summary>Every minute.</summary>
internal sealed record AllowanceSweepDue;

/// <summary>Gives back the allowances of those who never came back: a node died between reserving and doing.</summary>
internal sealed class SweepAllowances(Entitlements entitlements) : IJob<AllowanceSweepDue>
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    public Task Run(AllowanceSweepDue news, CancellationToken stop) => entitlements.Sweep(stop);
}
