using Ledgerline.Plans;

namespace Tests.Plans.Model;

/// <summary>One attempt as the model remembers it.</summary>
internal sealed class ModelUse
{
    public required string Key { get; init; }
    public required string Service { get; init; }
    public required string Funding { get; init; }
    public required bool IsCounted { get; init; }
    public DateTimeOffset? Period { get; init; }
    public ModelLot? Lot { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When it counts as made; later when it ended after it had been given back.</summary>
    public required DateTimeOffset At { get; set; }

    public long Units { get; set; }
    public string State { get; set; } = ReservationState.Reserved;
    public long Seconds { get; set; }
    public DateTimeOffset EndedAt { get; set; }

    /// <summary>It ended late and there was nothing left to take it from.</summary>
    public bool IsBeyond { get; set; }

    public bool Lives => State is ReservationState.Reserved or ReservationState.Confirmed or ReservationState.Completed;
    public bool IsOpen => State is ReservationState.Reserved or ReservationState.Confirmed;
}

/// <summary>Bought calls.</summary>
internal sealed class ModelLot
{
    public required string Id { get; init; }
    public required DateTimeOffset ExpiresAt { get; init; }
    public bool IsGone { get; set; }
}

/// <summary>
/// Allowances told another way: nothing is counted, every number is added up anew from what happened. Slow, and short enough to be
/// believed.
/// </summary>
internal sealed class AllowanceModel(bool isMobile, DateTimeOffset registeredAt)
{
    private const int TrialDays = 7;

    // When windows began: with the day of the registration, and with each subscription to calls.
    private readonly List<DateTimeOffset> anchors = [Day(registeredAt)];
    private readonly Dictionary<string, EntitlementFacts> plans = [];
    private DateTimeOffset trialEnds = registeredAt.AddDays(TrialDays);
    private bool isTrialClosed;
    private bool isExtended;

    public List<ModelUse> Uses { get; } = [];
    public List<ModelLot> Lots { get; } = [];

    public int TrialCalls => (isMobile ? 3 : 4) + (isExtended ? 1 : 0);

    public int TrialUsed => Uses.Count(use => use is { Funding: Funding.Trial, Lives: true, IsBeyond: false });

    public bool IsTrialOver(DateTimeOffset now) => isTrialClosed || now >= trialEnds;

    public int TrialLeft(DateTimeOffset now) => IsTrialOver(now) ? 0 : TrialCalls - TrialUsed;

    public DateTimeOffset TrialEnds => trialEnds;

    public DateTimeOffset Window(DateTimeOffset now, int days) => anchors[^1].AddDays(days * Math.Floor((now - anchors[^1]) / TimeSpan.FromDays(days)));

    public long Calls(DateTimeOffset since) => Uses.Count(use => use is { IsCounted: true, Lives: true } && use.At >= since);

    public long Seconds(DateTimeOffset since) => Uses.Where(use => use.State == ReservationState.Completed && use.EndedAt >= since).Sum(use => use.Seconds);

    public long Used(string service, DateTimeOffset? period) => Uses.Where(use => use.Lives && use.Service == service && use.Period == period).Sum(use => use.Units);

    public int LotLeft(ModelLot lot, DateTimeOffset now) =>
        lot.IsGone || now >= lot.ExpiresAt ? 0 : 5 - Uses.Count(use => use.Lot == lot && use is { Lives: true, IsBeyond: false });

    public EntitlementFacts? Active(string product, DateTimeOffset now) =>
        plans.TryGetValue(product, out var facts) && facts.GivesAccess(now, TimeSpan.FromDays(3)) ? facts : null;

    public static DateTimeOffset Day(DateTimeOffset instant) => new(instant.UtcDateTime.Date, TimeSpan.Zero);

    /// <summary>The month of minutes that runs now, by walking through them.</summary>
    public static DateTimeOffset Month(EntitlementFacts facts, DateTimeOffset now)
    {
        var (month, start) = (0, now < facts.PeriodEnd ? facts.PeriodStart : facts.PeriodEnd);
        while (!(now < start.AddMonths(month + 1)))
        {
            month++;
        }

        return start.AddMonths(month);
    }

    /// <summary>What should be said, and the attempt where it is yes.</summary>
    public (string Status, ModelUse? Use) Call(string key, int? longest, DateTimeOffset now)
    {
        var (calls, voice) = (Active(PlanProduct.Calls, now), Active(PlanProduct.VoiceFeatures, now));
        if (TrialLeft(now) > 0)
        {
            return (AllowanceStatus.TrialCallAvailable, Use(Funding.Trial));
        }

        if (calls is not null && Limits(calls.PlanId) is var (week, month) && Calls(Window(now, 7)) < week && Calls(Window(now, 30)) < month)
        {
            return (calls.PlanId switch
            {
                "mobile_basic" => AllowanceStatus.BasicCallAvailable,
                "mobile_premium" => AllowanceStatus.PremiumCallAvailable,
                _ => AllowanceStatus.SubscriptionActive,
            }, Use(Funding.PlanCalls));
        }

        if (voice is not null && voice.PlanId != "usage_based" && 100 - Used(UsedService.VoiceCall, Month(voice, now)) is > 0 and var left)
        {
            var seconds = Math.Min(Math.Min(3600, longest ?? 3600), left * 60);
            return (AllowanceStatus.SubscriptionActive, Use(Funding.PlanMinutes, (seconds + 59) / 60, Month(voice, now)));
        }

        if (Lots.Where(lot => LotLeft(lot, now) > 0).MinBy(lot => (lot.ExpiresAt, lot.Id)) is { } lot)
        {
            return (AllowanceStatus.AddOnCallAvailable, Use(Funding.AddOn, lot: lot));
        }

        if (voice is { PlanId: "usage_based" })
        {
            return (AllowanceStatus.SubscriptionActive, Use(Funding.PayAsYouGo));
        }

        return (
            calls is not null && Calls(Window(now, 30)) >= Limits(calls.PlanId).Month ? AllowanceStatus.MonthlyLimitReached
            : calls is not null ? AllowanceStatus.WeeklyLimitReached
            : voice is not null ? AllowanceStatus.MonthlyLimitReached
            : !isTrialClosed && TrialUsed >= TrialCalls ? AllowanceStatus.TrialExhausted
            : AllowanceStatus.UpgradeRequired,
            null);

        ModelUse Use(string funding, long units = 0, DateTimeOffset? period = null, ModelLot? lot = null) => new()
        {
            Key = key,
            Service = UsedService.VoiceCall,
            Funding = funding,
            IsCounted = true,
            Period = period,
            Lot = lot,
            Units = units,
            At = now,
            ExpiresAt = now.AddMinutes(10),
        };
    }

    public static void End(ModelUse use, string state, DateTimeOffset now) => (use.State, use.EndedAt) = (state, now);

    public void Complete(ModelUse use, long seconds, DateTimeOffset now)
    {
        if (!use.IsOpen)
        {
            use.IsBeyond = use.Funding == Funding.Trial && TrialUsed >= TrialCalls
                || use.Lot is { } lot && Uses.Count(other => other.Lot == lot && other is { Lives: true, IsBeyond: false }) >= 5;
            use.At = now;
        }

        (use.State, use.Seconds, use.EndedAt) = (ReservationState.Completed, seconds, now);
        use.Units = use.Period is null ? use.Units : (seconds + 59) / 60;
        if (!isExtended && use.Funding == Funding.Trial && Uses.Count(one => one is { Funding: Funding.Trial, State: ReservationState.Completed, Seconds: > 30 }) >= 2)
        {
            (isExtended, trialEnds) = (true, trialEnds.AddDays(3));
        }
    }

    public void Put(EntitlementFacts facts, DateTimeOffset now)
    {
        var before = plans.GetValueOrDefault(facts.Product);
        var (had, has) = (before?.GivesAccess(now, TimeSpan.FromDays(3)) == true, facts.GivesAccess(now, TimeSpan.FromDays(3)));
        if (had && !has && (before!.Source, before.SourceId) != (facts.Source, facts.SourceId))
        {
            return;
        }

        var goesOn = before is not null && (before.Source, before.SourceId) == (facts.Source, facts.SourceId) && facts.PeriodStart <= before.PeriodEnd
            && before.Status is not (EntitlementStatus.Expired or EntitlementStatus.Incomplete or EntitlementStatus.Unpaid or EntitlementStatus.Paused);
        plans[facts.Product] = facts;
        isTrialClosed |= has;
        if (has && !had && !goesOn && facts.Product == PlanProduct.Calls)
        {
            anchors.Add(now);
        }
    }

    private static (long Week, long Month) Limits(string planId) => planId switch
    {
        "mobile_basic" => (5, long.MaxValue),
        "mobile_premium" => (long.MaxValue, 30),
        "business_basic" => (20, long.MaxValue),
        _ => (long.MaxValue, long.MaxValue),
    };
}
