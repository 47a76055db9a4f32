using Ledgerline.Identity;

namespace Ledgerline.Plans;

/// <summary>What a decision came to.</summary>
/// <param name="State">As it is afterwards; as it was, rolled, when refused.</param>
/// <param name="Reservation">Null when refused.</param>
internal sealed record Decision(Verdict Verdict, AllowanceState State, Reservation? Reservation);

/// <summary>
/// Every rule about who may use what. Pure: no clock, no database; a state, an instant and a want go in, a verdict and the next state
/// come out.
/// </summary>
internal sealed partial class AllowanceRules(PlanOptions options)
{
    public PlanOptions Options => options;

    /// <summary>What a new account has.</summary>
    public AllowanceState Begin(Kernel.AccountId account, string appType, DateTimeOffset now) => new(
        account,
        appType,
        new TrialState(
            appType == Platform.MobileConsumer ? options.TrialCallsMobile : options.TrialCallsBusiness, 0, now, now + options.TrialLength, 0, null, null),
        CallCounts.From(now));

    /// <summary>With the windows that run now.</summary>
    public static AllowanceState Rolled(AllowanceState state, DateTimeOffset now) => state with { Calls = state.Calls.Rolled(now) };

    /// <summary>Decides, and counts what is allowed.</summary>
    public Decision Decide(AllowanceState before, DateTimeOffset now, Want want, string key, TimeSpan lifetime)
    {
        var state = Rolled(before, now);
        var choice = want.Service == UsedService.VoiceCall ? Call(state, now, want) : OfQuota(state, now, want);
        if (!choice.IsAllowed)
        {
            return new Decision(Say(choice, want, Show(state, now)), state, null);
        }

        var reservation = new Reservation(
            key, want.Service, choice.Funding!, choice.Status, choice.DurationLimit, choice.Units, choice.IsCounted, choice.Quota, choice.AddOnId,
            ReservationState.Reserved, null, now + lifetime, now, null)
        {
            Terms = choice is { Funding: Funding.PayAsYouGo, Plan: { } plan } ? new PlanTerms(plan.Id, plan.Version) : null,
        };
        var after = Count(state, now, reservation);
        return new Decision(Say(choice, want, Show(after, now)), after, reservation);
    }

    /// <summary>What it would say now; nothing is counted.</summary>
    public Verdict Judge(AllowanceState before, DateTimeOffset now, Want want)
    {
        var state = Rolled(before, now);
        return Say(want.Service == UsedService.VoiceCall ? Call(state, now, want) : OfQuota(state, now, want), want, Show(state, now));
    }

    /// <summary>A call that somebody else pays, counted like every other.</summary>
    public Decision DecidePaid(AllowanceState before, DateTimeOffset now, Want want, string key, TimeSpan lifetime, int durationLimit)
    {
        var state = Rolled(before, now);
        var choice = Choice.Allow(AllowanceStatus.CreditsAvailable, Funding.Credits) with { DurationLimit = durationLimit, IsCounted = !want.IsInbound };
        var reservation = new Reservation(
            key, want.Service, Funding.Credits, choice.Status, durationLimit, 0, choice.IsCounted, null, null, ReservationState.Reserved, null, now + lifetime,
            now, null);
        var after = Count(state, now, reservation);
        return new Decision(Say(choice, want, Show(after, now)), after, reservation);
    }

    /// <summary>The funding order: trial, plan calls or minutes, bought calls, pay-as-you-go.</summary>
    private Choice Call(AllowanceState state, DateTimeOffset now, Want want)
    {
        var (calls, voice) = (Active(state, PlanProduct.Calls, now), Active(state, PlanProduct.VoiceFeatures, now));
        if (want.IsInbound)
        {
            return Inbound(state, now, want, calls, voice);
        }

        if (want.IsCustom && state.AppType == Platform.MobileConsumer && calls is null && voice is null)
        {
            return Choice.Refuse(AllowanceStatus.PremiumRequired);
        }

        if (state.Trial.IsActive(now))
        {
            var trialSeconds = state.AppType == Platform.MobileConsumer ? options.CallSecondsTrial : options.CallSecondsBusiness;
            return Choice.Allow(AllowanceStatus.TrialCallAvailable, Funding.Trial) with { DurationLimit = Shorter(trialSeconds, want), IsCounted = true };
        }

        return (calls is null ? null : OfCalls(state, calls, want))
            ?? (voice is null or { Plan.IsUsageBased: true } ? null : OfMinutes(state, now, voice, want))
            ?? OfAddOns(state, now, calls ?? voice, want)
            ?? (voice is { Plan.IsUsageBased: true } ? ByUse(voice, want) : null)
            ?? RefuseCall(state, now, calls, voice);
    }

    /// <summary>Somebody rings the account: without a plan there is nobody who pays for the minutes.</summary>
    private Choice Inbound(AllowanceState state, DateTimeOffset now, Want want, HeldFacts? calls, HeldFacts? voice) =>
        calls is not null ? Choice.Allow(AllowanceStatus.SubscriptionActive, Funding.PlanCalls) with { DurationLimit = Shorter(Longest(calls.Plan), want), Plan = calls.Plan }
        : voice is { Plan.IsUsageBased: true } ? ByUse(voice, want)
        : voice is not null ? OfMinutes(state, now, voice, want) ?? RefuseCall(state, now, null, voice)
        : Choice.Refuse(AllowanceStatus.UpgradeRequired);

    private Choice? OfCalls(AllowanceState state, HeldFacts held, Want want)
    {
        var plan = held.Plan;
        return plan.WeeklyCalls <= state.Calls.Week || plan.MonthlyCalls <= state.Calls.Month
            ? null
            : Choice.Allow(
                plan.Id switch
                {
                    PlanSeeds.MobileBasic => AllowanceStatus.BasicCallAvailable,
                    PlanSeeds.MobilePremium => AllowanceStatus.PremiumCallAvailable,
                    _ => AllowanceStatus.SubscriptionActive,
                },
                Funding.PlanCalls) with
            { DurationLimit = Shorter(Longest(plan), want), IsCounted = true, Plan = plan };
    }

    // So many minutes are reserved as the call may last: what two calls might use at once is never promised twice.
    private Choice? OfMinutes(AllowanceState state, DateTimeOffset now, HeldFacts held, Want want)
    {
        var quota = Quota(state, now, QuotaName.VoiceMinutes)!;
        var limit = Shorter(Longest(held.Plan), want);
        if (quota.Limit is { } minutes)
        {
            var left = Math.Max(0, minutes - state.Used(quota.Period));
            limit = (int)Math.Min(limit, left * 60);
        }

        return limit == 0 ? null : Choice.Allow(AllowanceStatus.SubscriptionActive, Funding.PlanMinutes) with
        {
            DurationLimit = limit,
            Units = Minutes(limit),
            IsCounted = !want.IsInbound,
            Quota = quota.Period,
            Plan = held.Plan,
        };
    }

    private Choice? OfAddOns(AllowanceState state, DateTimeOffset now, HeldFacts? held, Want want) =>
        state.AddOns.FirstOrDefault(lot => lot.Left(now) > 0) is { } lot
            ? Choice.Allow(AllowanceStatus.AddOnCallAvailable, Funding.AddOn) with
            {
                DurationLimit = Shorter(held is null ? options.CallSecondsTrial : Longest(held.Plan), want),
                IsCounted = true,
                AddOnId = lot.Id,
                Plan = held?.Plan,
            }
            : null;

    private Choice ByUse(HeldFacts held, Want want) => Choice.Allow(AllowanceStatus.SubscriptionActive, Funding.PayAsYouGo) with
    {
        DurationLimit = Shorter(Longest(held.Plan), want),
        IsCounted = !want.IsInbound,
        Plan = held.Plan,
    };

    private Choice RefuseCall(AllowanceState state, DateTimeOffset now, HeldFacts? calls, HeldFacts? voice)
    {
        if (calls is { Plan: var plan })
        {
            // Where both windows are full the one that opens later is the one that refuses.
            return plan.MonthlyCalls <= state.Calls.Month
                ? Choice.Refuse(AllowanceStatus.MonthlyLimitReached) with { Limit = plan.MonthlyCalls, ResetsOn = state.Calls.MonthEnd, Plan = plan }
                : Choice.Refuse(AllowanceStatus.WeeklyLimitReached) with { Limit = plan.WeeklyCalls, ResetsOn = state.Calls.WeekEnd, Plan = plan };
        }

        if (voice is not null && Quota(state, now, QuotaName.VoiceMinutes) is { } minutes)
        {
            return Choice.Refuse(AllowanceStatus.MonthlyLimitReached) with { Limit = minutes.Limit, ResetsOn = minutes.End, Plan = voice.Plan };
        }

        return Choice.Refuse(
            state.Trial.ClosedAt is null && state.Trial.Used >= state.Trial.Calls ? AllowanceStatus.TrialExhausted : AllowanceStatus.UpgradeRequired);
    }

    private static int Shorter(int seconds, Want want) => Math.Min(seconds, want.LongestSeconds ?? int.MaxValue);

    private int Longest(Plan plan) => plan.Id switch
    {
        PlanSeeds.MobileBasic => options.CallSecondsBasic,
        PlanSeeds.MobilePremium => options.CallSecondsPremium,
        PlanSeeds.MobileWeekly => options.CallSecondsWeekly,
        _ => options.CallSecondsBusiness,
    };

    /// <summary>Started minutes.</summary>
    internal static long Minutes(long seconds) => (seconds + 59) / 60;

    private static Verdict Say(Choice choice, Want want, Standing standing) => new(choice.IsAllowed, choice.Status, want.Service, standing)
    {
        Funding = choice.Funding,
        DurationLimitSeconds = choice.DurationLimit,
        ResetsOn = choice.ResetsOn,
        Limit = choice.Limit,
        Plan = choice.Plan,
    };

    /// <summary>One way to answer; what it would take is in it.</summary>
    private sealed record Choice(bool IsAllowed, string Status, string? Funding)
    {
        public int? DurationLimit { get; init; }
        public long Units { get; init; }
        public bool IsCounted { get; init; }
        public QuotaPeriod? Quota { get; init; }
        public string? AddOnId { get; init; }
        public DateTimeOffset? ResetsOn { get; init; }
        public long? Limit { get; init; }
        public Plan? Plan { get; init; }

        public static Choice Allow(string status, string funding) => new(true, status, funding);

        public static Choice Refuse(string status) => new(false, status, null);
    }
}
