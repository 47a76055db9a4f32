using System.Collections.Immutable;
using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>Everything that decides what an account may use. Held in the hand while its row is locked; never changed, only followed by another.</summary>
internal sealed record AllowanceState(AccountId Account, string AppType, TrialState Trial, CallCounts Calls)
{
    /// <summary>At most one a product.</summary>
    public ImmutableArray<HeldFacts> Plans { get; init; } = [];

    /// <summary>What ends first stands first.</summary>
    public ImmutableArray<AddOnLot> AddOns { get; init; } = [];

    /// <summary>Used or reserved; a period that is missing is unused.</summary>
    public ImmutableDictionary<QuotaPeriod, long> Quotas { get; init; } = ImmutableDictionary<QuotaPeriod, long>.Empty;

    public long Used(QuotaPeriod period) => Quotas.GetValueOrDefault(period);

    public AllowanceState Use(QuotaPeriod period, long units) => this with { Quotas = Quotas.SetItem(period, Math.Max(0, Used(period) + units)) };
}

/// <summary>News of a plan, with the version it names.</summary>
internal sealed record HeldFacts(EntitlementFacts Facts, Plan Plan);

/// <summary>The free trial of an account.</summary>
/// <param name="LongCalls">Trial calls that were long enough to count as engagement.</param>
/// <param name="ClosedAt">When a subscription took its place.</param>
internal sealed record TrialState(
    int Calls, int Used, DateTimeOffset StartedAt, DateTimeOffset EndsAt, int LongCalls, DateTimeOffset? ExtendedAt, DateTimeOffset? ClosedAt)
{
    public bool IsOver(DateTimeOffset now) => ClosedAt is not null || now >= EndsAt;

    public bool IsActive(DateTimeOffset now) => !IsOver(now) && Used < Calls;
}

/// <summary>Bought calls.</summary>
internal sealed record AddOnLot(string Id, int Calls, int Used, DateTimeOffset BoughtAt, DateTimeOffset ExpiresAt, DateTimeOffset? RevokedAt)
{
    public int Left(DateTimeOffset now) => RevokedAt is null && now < ExpiresAt ? Calls - Used : 0;
}

/// <summary>A quota's period, named by its first instant; the epoch where there is no period.</summary>
internal readonly record struct QuotaPeriod(string Quota, DateTimeOffset Start);

/// <summary>How many calls were made since when.</summary>
internal sealed record CallCounts(
    DateTimeOffset DayStart, long Today, DateTimeOffset WeekStart, long Week, long WeekSeconds, DateTimeOffset MonthStart, long Month, long MonthSeconds,
    long Total, DateTimeOffset? LastAt)
{
    public static readonly TimeSpan WeekLength = TimeSpan.FromDays(7);
    public static readonly TimeSpan MonthLength = TimeSpan.FromDays(30);

    public DateTimeOffset WeekEnd => WeekStart + WeekLength;

    public DateTimeOffset MonthEnd => MonthStart + MonthLength;

    /// <summary>Windows that begin with the day.</summary>
    public static CallCounts From(DateTimeOffset now) => new(Day(now), 0, Day(now), 0, 0, Day(now), 0, 0, 0, null);

    /// <summary>With the windows that run now. A clock that went back leaves them where they are.</summary>
    public CallCounts Rolled(DateTimeOffset now)
    {
        var rolled = this;
        if (Day(now) > DayStart)
        {
            rolled = rolled with { DayStart = Day(now), Today = 0 };
        }

        if (now >= WeekEnd)
        {
            rolled = rolled with { WeekStart = Begin(WeekStart, WeekLength, now), Week = 0, WeekSeconds = 0 };
        }

        if (now >= MonthEnd)
        {
            rolled = rolled with { MonthStart = Begin(MonthStart, MonthLength, now), Month = 0, MonthSeconds = 0 };
        }

        return rolled;
    }

    /// <summary>With new windows from this instant on: a subscription begins.</summary>
    public CallCounts Anew(DateTimeOffset now) => this with { WeekStart = now, Week = 0, WeekSeconds = 0, MonthStart = now, Month = 0, MonthSeconds = 0 };

    public CallCounts Counted(DateTimeOffset now) => this with { Today = Today + 1, Week = Week + 1, Month = Month + 1, Total = Total + 1, LastAt = now };

    /// <summary>Without a call that was counted then, where it still counts.</summary>
    public CallCounts Uncounted(DateTimeOffset then) => this with
    {
        Today = then >= DayStart ? Math.Max(0, Today - 1) : Today,
        Week = then >= WeekStart ? Math.Max(0, Week - 1) : Week,
        Month = then >= MonthStart ? Math.Max(0, Month - 1) : Month,
        Total = Math.Max(0, Total - 1),
    };

    public CallCounts Lasted(long seconds) => this with { WeekSeconds = WeekSeconds + seconds, MonthSeconds = MonthSeconds + seconds };

    public static DateTimeOffset Day(DateTimeOffset instant) => new(instant.UtcDateTime.Date, TimeSpan.Zero);

    private static DateTimeOffset Begin(DateTimeOffset start, TimeSpan length, DateTimeOffset now) => start + (length * ((now - start).Ticks / length.Ticks));
}
