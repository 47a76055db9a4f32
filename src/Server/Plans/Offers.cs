using System.Globalization;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>The answer to "may I call": a status, and what a client needs to know with it.</summary>
public sealed record CallPermission(bool CanMakeCall, string Status, IReadOnlyDictionary<string, object?> Details);

/// <summary>The door to what a verdict sounds like: permissions, refusals, and what would help. Texts and numbers come from the catalogue.</summary>
public sealed class Offers
{
    /// <summary>For the document: an account in its trial.</summary>
    public static readonly UsageStats SampleStats = new(
        Platform.MobileConsumer, true, 2, 1, 1, 1, 1, 1, false, "mobile_free_trial", false, 45, 45, 0, null, "2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z",
        "2026-11-27T08:12:57Z", null, null, 2, 2, null, null, null, new PriceList([], PlanOptions.Default).Pricing(Platform.MobileConsumer));

    /// <summary>For the document: the catalogue that the product ships with.</summary>
    public static readonly MobilePricing SamplePricing = Plans.MobilePricing.Of(new PriceList([], PlanOptions.Default), PlanOptions.Default);

    private readonly PlanCatalog catalog;
    private readonly PlanOptions options;

    internal Offers(PlanCatalog catalog, PlanOptions options) => (this.catalog, this.options) = (catalog, options);

    /// <summary>As <c>check-call-permission</c> answers.</summary>
    public async Task<CallPermission> Permission(Verdict verdict, CancellationToken stop = default)
    {
        if (verdict.IsAllowed)
        {
            return new CallPermission(true, verdict.Status, Details(verdict));
        }

        var list = await List(stop);
        var details = new Dictionary<string, object?>
        {
            ["message"] = Message(verdict, list, isCall: false),
            ["upgrade_options"] = Options(verdict, list),
            ["app_type"] = verdict.Standing.AppType,
        };
        if (verdict.ResetsOn is { } resets)
        {
            details["resets_on"] = resets.Iso();
        }

        return new CallPermission(false, verdict.Status, details);
    }

    /// <summary>402, with the object that every 402 carries.</summary>
    public async Task<Refusal> Refuse(Verdict verdict, CancellationToken stop = default) =>
        new(StatusCodes.Status402PaymentRequired, await Detail(verdict, stop));

    /// <summary>As <see cref="Refuse"/>; but a company whose plan or trial is over reads a 400 with a sentence where it places calls.</summary>
    public async Task<Refusal> RefuseCall(Verdict verdict, CancellationToken stop = default) =>
        verdict.Status == AllowanceStatus.UpgradeRequired && verdict.Standing.AppType != Platform.MobileConsumer
            ? Refusal.BadRequest(Message(verdict, await List(stop), isCall: true))
            : await Refuse(verdict, stop);

    /// <summary>The refusal in a sentence.</summary>
    public async Task<string> Sentence(Verdict verdict, CancellationToken stop = default) => Message(verdict, await List(stop), isCall: true);

    /// <summary>What an account of this platform sees as prices.</summary>
    public async Task<IReadOnlyDictionary<string, PriceTag>> Pricing(string appType, CancellationToken stop = default) => (await List(stop)).Pricing(appType);

    /// <summary>What the App Store sells.</summary>
    public async Task<MobilePricing> MobilePricing(CancellationToken stop = default) => Plans.MobilePricing.Of(await List(stop), options);

    /// <summary>The content of a 402's <c>detail</c>.</summary>
    public async Task<PaymentNeeded> Detail(Verdict verdict, CancellationToken stop = default)
    {
        var list = await List(stop);
        return new PaymentNeeded(
            verdict.Status, Message(verdict, list, isCall: true), Options(verdict, list), verdict.Standing.At.Iso(), verdict.ResetsOn?.Iso(), "/pricing",
            list.Pricing(verdict.Standing.AppType));
    }

    internal async Task<PriceList> List(CancellationToken stop) => new(await catalog.Everything(stop), options);

    private static Dictionary<string, object?> Details(Verdict verdict)
    {
        var standing = verdict.Standing;
        var details = new Dictionary<string, object?> { ["duration_limit"] = verdict.DurationLimitSeconds, ["app_type"] = standing.AppType };
        switch (verdict.Status)
        {
            case AllowanceStatus.TrialCallAvailable:
                details["calls_remaining"] = standing.Trial.Remaining;
                details["trial_ends"] = standing.Trial.EndsAt.Iso();
                details["calls_remaining_this_week"] = standing.Trial.Remaining;
                break;
            case AllowanceStatus.BasicCallAvailable:
                details["calls_remaining_this_week"] = standing.CallsRemainingThisWeek;
                break;
            case AllowanceStatus.PremiumCallAvailable:
                details["calls_remaining_this_month"] = standing.CallsRemainingThisMonth;
                break;
            case AllowanceStatus.AddOnCallAvailable:
                details["addon_calls_remaining"] = standing.AddOnCalls;
                break;
            case AllowanceStatus.SubscriptionActive:
                var limit = verdict.Plan?.Product == PlanProduct.Calls ? verdict.Plan.WeeklyCalls : null;
                details["subscription_tier"] = verdict.Plan?.Id ?? standing.Tier;
                details["calls_this_week"] = standing.Calls.ThisWeek;
                details["weekly_limit"] = limit;
                details["calls_remaining_this_week"] = limit is { } most ? Math.Max(0, most - standing.Calls.ThisWeek) : null;
                details["voice_minutes_remaining"] = standing.VoiceMinutes?.Left;
                break;
        }

        return details;
    }

    private static IReadOnlyList<UpgradeOption> Options(Verdict verdict, PriceList list) => (Family(verdict), verdict.Status) switch
    {
        (Platform.MobileConsumer, AllowanceStatus.WeeklyLimitReached) => list.Mobile("premium", "addon"),
        (Platform.MobileConsumer, AllowanceStatus.MonthlyLimitReached) when verdict.Service == UsedService.VoiceCall => list.Mobile("addon"),
        (Platform.MobileConsumer, AllowanceStatus.PremiumRequired) => list.Mobile("weekly", "premium"),
        (Platform.MobileConsumer, _) => list.Mobile("weekly", "basic", "premium"),
        (_, AllowanceStatus.MonthlyLimitReached or AllowanceStatus.LimitReached) when verdict.Plan is { Product: PlanProduct.VoiceFeatures } voice =>
            list.VoiceFeatures(voice, verdict.Service == UsedService.VoiceCall ? QuotaName.VoiceMinutes : QuotaName.SmsMessages),
        (_, AllowanceStatus.WeeklyLimitReached or AllowanceStatus.MonthlyLimitReached) => list.Business(verdict.Plan),
        _ => list.Business(),
    };

    // The words "trial calls" and "subscribe" open the iOS client's upgrade screen.
    private static string Message(Verdict verdict, PriceList list, bool isCall)
    {
        var (trial, limit) = (Whole(verdict.Standing.Trial.Calls), Whole(verdict.Limit ?? 0));
        var (weekly, basic) = (DollarText.Of(list.Weekly.Price!.Value), list.BusinessBasic);
        var basicPrice = DollarText.Of(basic.Price!.Value);
        return (Family(verdict), verdict.Status) switch
        {
            (_, AllowanceStatus.DailyLimitReached) => "Daily message limit exceeded. Upgrade to Pro for unlimited messages.",
            (_, AllowanceStatus.LimitReached) =>
                $"You have reached the maximum limit of {limit} custom scenarios. Please delete some scenarios before creating new ones.",
            (_, AllowanceStatus.MonthlyLimitReached) when verdict.Service == UsedService.Sms => $"Monthly limit of {limit} messages reached",
            (Platform.MobileConsumer, AllowanceStatus.TrialExhausted) =>
                $"Your {trial} free trial calls are used up! 🎉 Ready for unlimited fun? Subscribe for just {weekly}/week and get unlimited calls!",
            (Platform.MobileConsumer, AllowanceStatus.UpgradeRequired) =>
                $"Want to keep the fun going? 🎮 Upgrade to start making calls again! Subscribe for {weekly}/week.",
            (Platform.MobileConsumer, AllowanceStatus.WeeklyLimitReached) =>
                $"Weekly limit reached. Upgrade to Premium or buy {Whole(list.AddOnCount)} more calls for {list.AddOnPrice}!",
            (Platform.MobileConsumer, AllowanceStatus.MonthlyLimitReached) =>
                $"Monthly limit reached. Buy {Whole(list.AddOnCount)} more calls for {list.AddOnPrice}!",
            (_, AllowanceStatus.PremiumRequired) => "Custom scenarios require premium subscription. Please upgrade to access this feature.",
            (_, AllowanceStatus.TrialExhausted) when isCall =>
                $"Your {trial} free trial calls have been used. Upgrade to {Short(basic.Name)} ({basicPrice}/month) for {PriceList.CallsInWords(basic)}!",
            (_, AllowanceStatus.TrialExhausted) =>
                $"Your {trial} free trial calls have been used. Upgrade to {basic.Name} ({basicPrice}/month) for {PriceList.CallsInWords(basic)} to continue using our service.",
            (_, AllowanceStatus.WeeklyLimitReached) => $"Weekly limit of {limit} calls reached",
            (_, AllowanceStatus.MonthlyLimitReached) =>
                $"Monthly limit of {limit} {(verdict.Plan?.Product == PlanProduct.VoiceFeatures ? "voice minutes" : "calls")} reached",
            _ => "Please upgrade to a Business plan to continue making calls for your organization.",
        };
    }

    // Whoever has a plan is spoken to as its buyers are, else as it registered.
    private static string Family(Verdict verdict) => verdict.Plan switch
    {
        null => verdict.Standing.AppType,
        { Store: PlanStore.AppStore } => Platform.MobileConsumer,
        _ => Platform.WebBusiness,
    };

    private static string Short(string name) => name.Replace("Business ", "", StringComparison.Ordinal);

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The <c>detail</c> of every 402 of calls, messages and what else an allowance is for.</summary>
/// <param name="Error">The status: one of <see cref="AllowanceStatus"/>.</param>
/// <param name="ResetsOn">When it begins anew by itself.</param>
public sealed record PaymentNeeded(
    string Error, string Message, IReadOnlyList<UpgradeOption> UpgradeOptions, string Timestamp, string? ResetsOn, string UpgradeUrl,
    IReadOnlyDictionary<string, PriceTag> Pricing);
