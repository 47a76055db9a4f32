using System.Globalization;
using Ledgerline.Kernel;

namespace Ledgerline.Persistence.Audit;

/// <summary>A row that breaks a law: a figure as it is kept beside the same figure added up again, in micro-units.</summary>
public sealed class Difference
{
    // Text, so that an id that is none can be spoken of too.
    public required string AccountId { get; init; }
    public required string Unit { get; init; }

    /// <summary>Of the lot, hold, transaction or record; empty where the account and unit say it all.</summary>
    public required string Id { get; init; }
    public long Cached { get; init; }
    public long Added { get; init; }

    /// <summary>What else the law's query found out, as words; may be empty.</summary>
    public required string Note { get; init; }

    public string Wallet => $"the {Unit} wallet of account {AccountId}";

    /// <summary>The kept figure with its unit.</summary>
    public string Kept => Amount(Cached);

    /// <summary>The figure added up again, with its unit.</summary>
    public string Readded => Amount(Added);

    /// <summary>By how much the kept figure is wrong: <c>1.5 credit too much</c>.</summary>
    public string By => $"{Amount(Math.Abs((decimal)Cached - Added))} too {(Cached > Added ? "much" : "little")}";

    internal long OffMicro => (long)Math.Clamp((decimal)Cached - Added, -long.MaxValue, long.MaxValue);

    public string Amount(decimal micro) => $"{(micro / Credits.MicroPerCredit).ToString("0.######", CultureInfo.InvariantCulture)} {Unit}";
}
