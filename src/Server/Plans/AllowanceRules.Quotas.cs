namespace Ledgerline.Plans;

/// <summary>Quotas and their periods, and what all of it looks like.</summary>
internal sealed partial class AllowanceRules
{
    /// <summary>A quota as an account has it now.</summary>
    private sealed record QuotaRule(QuotaPeriod Period, DateTimeOffset? End, long? Limit, HeldFacts? By);

    /// <summary>The periods in which something may be used now.</summary>
    public IReadOnlyList<QuotaPeriod> Periods(AllowanceState state, DateTimeOffset now) =>
        [.. new[] { QuotaName.VoiceMinutes, QuotaName.SmsMessages, QuotaName.CustomScenarios, QuotaName.ChatMessages }
            .Select(quota => Quota(state, now, quota)?.Period).OfType<QuotaPeriod>()];

    /// <summary>The same where no plan has periods of its own.</summary>
    public IReadOnlyList<QuotaPeriod> UsualPeriods(DateTimeOffset now) => Periods(Begin(default, Identity.Platform.WebBusiness, now), now);

    /// <summary>What the account looks like.</summary>
    public Standing Show(AllowanceState rolled, DateTimeOffset now)
    {
        var (trial, calls) = (rolled.Trial, rolled.Calls);
        var lots = rolled.AddOns.Where(lot => lot.Left(now) > 0).ToList();
        return new Standing(rolled.Account, rolled.AppType, now)
        {
            Trial = new TrialStanding(
                trial.IsActive(now), trial.Calls, trial.Used, trial.IsOver(now) ? 0 : trial.Calls - trial.Used, trial.StartedAt, trial.EndsAt, trial.ExtendedAt),
            Calls = new CallStanding(
                calls.Today, calls.WeekStart, calls.Week, calls.WeekSeconds, calls.MonthStart, calls.Month, calls.MonthSeconds, calls.Total),
            Plans = [.. rolled.Plans.Select(held => new HeldPlan(
                held.Facts, held.Plan, held.Facts.GivesAccess(now, options.Grace), held.Facts.AccessUntil(options.Grace)))],
            Quotas = [.. new[] { QuotaName.VoiceMinutes, QuotaName.SmsMessages, QuotaName.CustomScenarios, QuotaName.ChatMessages }
                .Select(name => Quota(rolled, now, name)).OfType<QuotaRule>()
                .Select(quota => new QuotaStanding(quota.Period.Quota, rolled.Used(quota.Period), quota.Limit, quota.Period.Start, quota.End))],
            AddOnCalls = lots.Sum(lot => lot.Left(now)),
            AddOnExpires = lots.Count > 0 ? lots.Min(lot => lot.ExpiresAt) : null,
            TranscriptRetention = Active(rolled, PlanProduct.VoiceFeatures, now) is { } voice
                ? PlanFeatures.Storage(voice.Plan.Features, options.TranscriptRetentionDefault)
                : options.TranscriptRetentionDefault,
        };
    }

    private HeldFacts? Active(AllowanceState state, string product, DateTimeOffset now) =>
        state.Plans.FirstOrDefault(held => held.Plan.Product == product && held.Facts.GivesAccess(now, options.Grace));

    /// <summary>Null where nothing is counted.</summary>
    private QuotaRule? Quota(AllowanceState state, DateTimeOffset now, string quota)
    {
        var voice = Active(state, PlanProduct.VoiceFeatures, now);
        switch (quota)
        {
            case QuotaName.VoiceMinutes:
                return voice is null or { Plan.IsUsageBased: true } ? null : OfPlan(voice, now, quota, 0);
            case QuotaName.SmsMessages when voice is { Plan.IsUsageBased: true }:
                return OfPlan(voice, now, quota, null);
            case QuotaName.SmsMessages when voice is not null && IsPromised(voice.Plan, quota):
                return OfPlan(voice, now, quota, null);
            case QuotaName.SmsMessages:
                var month = new DateTimeOffset(now.UtcDateTime.Year, now.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero);
                return new QuotaRule(new QuotaPeriod(quota, month), month.AddMonths(1), options.SmsMessagesDefault, null);
            case QuotaName.CustomScenarios:
                return new QuotaRule(
                    new QuotaPeriod(quota, DateTimeOffset.UnixEpoch),
                    null,
                    voice is not null && IsPromised(voice.Plan, quota) ? PlanFeatures.Count(voice.Plan.Features, quota) : options.ScenariosDefault,
                    voice);
            default:
                var (day, chat) = (CallCounts.Day(now), Active(state, PlanProduct.ChatPro, now));
                return new QuotaRule(
                    new QuotaPeriod(quota, day),
                    day.AddDays(1),
                    chat is null ? options.ChatDailyLimit : PlanFeatures.Count(chat.Plan.Features, PlanFeatures.MessagesPerDay),
                    chat);
        }
    }

    private static bool IsPromised(Plan plan, string quota) =>
        PlanFeatures.Count(plan.Features, quota) is not null || PlanFeatures.IsUnlimited(plan.Features, quota);

    /// <param name="otherwise">The limit of a plan that does not speak of it.</param>
    private static QuotaRule OfPlan(HeldFacts held, DateTimeOffset now, string quota, long? otherwise)
    {
        var (start, end) = BillingMonth(held, now);
        return new QuotaRule(
            new QuotaPeriod(quota, start), end, PlanFeatures.IsUnlimited(held.Plan.Features, quota) ? null : PlanFeatures.Count(held.Plan.Features, quota) ?? otherwise, held);
    }

    /// <summary>
    /// The paid period, or the month of it that runs now where it is longer. When the store's news of the next period are late the
    /// months go on by themselves.
    /// </summary>
    internal static (DateTimeOffset Start, DateTimeOffset End) BillingMonth(HeldFacts held, DateTimeOffset now)
    {
        var (from, until) = (held.Facts.PeriodStart, held.Facts.PeriodEnd);
        if (now < until && held.Plan.Type != PlanType.Yearly && until <= from.AddMonths(1).AddDays(3))
        {
            return (from, until);
        }

        // The store's months begin with the end of the last one, which is not the same day of every month.
        var (anchor, months) = (now < until ? from : until, 0);
        while (anchor.AddMonths(months + 1) <= now)
        {
            months++;
        }

        var (start, end) = (anchor.AddMonths(months), anchor.AddMonths(months + 1));
        return (start, until > start && until < end ? until : end);
    }

    private Choice OfMessageByUse(AllowanceState state, DateTimeOffset now) => Active(state, PlanProduct.VoiceFeatures, now) switch
    {
        { Plan.IsUsageBased: true } held when held.Plan.UnitPrice(Plan.ChatPerMessage) > 0 =>
            Choice.Allow(AllowanceStatus.SubscriptionActive, Funding.PayAsYouGo) with { Units = 1, Plan = held.Plan },
        { Plan.IsUsageBased: true } held => Choice.Refuse(AllowanceStatus.UpgradeRequired) with { Plan = held.Plan },
        _ => Choice.Refuse(AllowanceStatus.UpgradeRequired),
    };

    private Choice OfQuota(AllowanceState state, DateTimeOffset now, Want want)
    {
        if (want.IsByUse)
        {
            return OfMessageByUse(state, now);
        }

        var name = want.Service switch
        {
            UsedService.Sms => QuotaName.SmsMessages,
            UsedService.CustomScenario => QuotaName.CustomScenarios,
            UsedService.ChatMessage => QuotaName.ChatMessages,
            _ => throw new ArgumentException($"Nobody's allowance is asked for {want.Service}.", nameof(want)),
        };
        var quota = Quota(state, now, name)!;
        if (quota.Limit <= state.Used(quota.Period))
        {
            return Choice.Refuse(name switch
            {
                QuotaName.SmsMessages => AllowanceStatus.MonthlyLimitReached,
                QuotaName.ChatMessages => AllowanceStatus.DailyLimitReached,
                _ => AllowanceStatus.LimitReached,
            }) with
            { Limit = quota.Limit, ResetsOn = quota.End, Plan = quota.By?.Plan };
        }

        var byUse = name != QuotaName.ChatMessages && Active(state, PlanProduct.VoiceFeatures, now) is { Plan.IsUsageBased: true };
        return Choice.Allow(AllowanceStatus.QuotaAvailable, byUse ? Funding.PayAsYouGo : Funding.Quota) with
        {
            Units = 1,
            Quota = quota.Period,
            Limit = quota.Limit,
            Plan = quota.By?.Plan,
        };
    }
}
