using Ledgerline.Kernel;

namespace Ledgerline.Usage;

/// <summary>What a minute of a phone call costs who pays it with credits, and what it costs us.</summary>
/// <param name="Minute">For each started minute.</param>
/// <param name="CostMicroUsdPerMinute">Carrier and model together, in millionths of a US dollar.</param>
public sealed record CallPrice(string Version, Credits Minute, long CostMicroUsdPerMinute)
{
    /// <summary>20 credits: ten cents in the largest package, where carrier and model take about ten cents of a lively minute.</summary>
    public static readonly CallPrice Default = new("2026-11", Credits.Whole(20), 100_000);

    /// <summary>So many started minutes.</summary>
    public Credits Of(long minutes) => new(Minute.Micro * minutes);
}
