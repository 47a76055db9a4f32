using System.Globalization;
using Ledgerline.Identity;

namespace Ledgerline.Plans;

/// <summary>The catalogue as customers read it: options, price tags, numbers in sentences. One catalogue feeds them all.</summary>
/// <param name="plans">The newest version of every plan, archived ones too: a sentence may name one that is not offered any more.</param>
internal sealed class PriceList(IReadOnlyList<Plan> plans, PlanOptions options)
{
    private const string ProductPrefix = "speech_assistant_";

    public Plan Weekly { get; } = One(plans, options, PlanSeeds.MobileWeekly);
    public Plan Basic { get; } = One(plans, options, PlanSeeds.MobileBasic);
    public Plan Premium { get; } = One(plans, options, PlanSeeds.MobilePremium);
    public Plan BusinessBasic { get; } = One(plans, options, "business_basic");

    public string AddOnPrice { get; } = DollarText.Of(options.Price("mobile_addon", 499));

    public int AddOnCount => options.AddOnCalls;

    public UpgradeOption AddOn => new("addon", AddOnPrice, Whole(options.AddOnCalls) + " additional", ProductPrefix + "addon_calls");

    /// <summary>What an account of this platform sees as prices.</summary>
    public IReadOnlyDictionary<string, PriceTag> Pricing(string appType) => appType == Platform.MobileConsumer
        ? new Dictionary<string, PriceTag> { ["weekly_plan"] = new(DollarText.Of(Weekly.Price!.Value), "weekly", WeeklyFeatures) }
        : new Dictionary<string, PriceTag>
        {
            ["basic_plan"] = Tag("business_basic", "Basic scenarios", "Call transcripts"),
            ["professional_plan"] = Tag("business_professional", "Custom scenarios", "Calendar integration"),
            ["enterprise_plan"] = Tag("business_enterprise", "Advanced features", "Priority support"),
        };

    public static IReadOnlyList<string> WeeklyFeatures { get; } = ["Unlimited calls", "Fun scenarios", "Call friends"];

    /// <summary>Mobile plans and the add-on by their short names; one that is not offered any more is left out.</summary>
    public IReadOnlyList<UpgradeOption> Mobile(params IReadOnlyList<string> names) =>
    [
        .. from name in names
           let plan = name switch { "weekly" => Weekly, "basic" => Basic, "premium" => Premium, _ => null }
           where plan is null or { IsArchived: false, Price: not null }
           select plan is null ? AddOn : new UpgradeOption(name, DollarText.Of(plan.Price!.Value), Calls(plan), name switch
           {
               "weekly" => options.WeeklyProductId,
               "basic" => ProductPrefix + "basic_weekly",
               _ => ProductPrefix + "premium_monthly",
           }),
    ];

    /// <summary>Plans of calls that companies can buy, larger than what they have.</summary>
    /// <param name="than">Null: all of them.</param>
    public IReadOnlyList<UpgradeOption> Business(Plan? than = null) =>
    [
        .. from plan in Sold(PlanProduct.Calls)
           where than is null || plan.Id != than.Id && (plan.WeeklyCalls is null || plan.WeeklyCalls > than.WeeklyCalls)
           select new UpgradeOption(
               plan.Id, DollarText.Of(plan.Price!.Value), Calls(plan), plan.Id == "business_professional" ? ProductPrefix + "business_pro" : ProductPrefix + plan.Id),
    ];

    /// <summary>Voice-feature plans with more of a quota than that one has.</summary>
    public IReadOnlyList<UpgradeOption> VoiceFeatures(Plan than, string quota) =>
    [
        .. from plan in Sold(PlanProduct.VoiceFeatures)
           let amount = PlanFeatures.Count(plan.Features, quota)
           where plan.Id != than.Id && (PlanFeatures.IsUnlimited(plan.Features, quota) || amount > (PlanFeatures.Count(than.Features, quota) ?? 0))
           select new UpgradeOption(
               plan.Id,
               DollarText.Of(plan.Price!.Value),
               amount is null ? PlanFeatures.Unlimited : $"{Whole(amount.Value)} {(quota == QuotaName.VoiceMinutes ? "voice minutes" : "messages")}/month",
               ProductPrefix + plan.Id),
    ];

    /// <summary><c>20/week</c>, <c>30/month</c>, <c>unlimited</c>.</summary>
    private static string Calls(Plan plan) =>
        plan.WeeklyCalls is { } week ? Whole(week) + "/week" : plan.MonthlyCalls is { } month ? Whole(month) + "/month" : PlanFeatures.Unlimited;

    /// <summary><c>20 calls per week</c>, <c>Unlimited calls</c>.</summary>
    public static string CallsInWords(Plan plan) =>
        plan.WeeklyCalls is { } week ? Whole(week) + " calls per week"
        : plan.MonthlyCalls is { } month ? Whole(month) + " calls per month"
        : "Unlimited calls";

    private IEnumerable<Plan> Sold(string product) =>
        plans.Where(plan => plan is { IsArchived: false, Store: PlanStore.Stripe, Type: PlanType.Monthly, Price: not null } && plan.Product == product);

    private PriceTag Tag(string planId, params IReadOnlyList<string> features)
    {
        var plan = One(plans, options, planId);
        return new(DollarText.Of(plan.Price!.Value), plan.Type, [CallsInWords(plan), .. features]);
    }

    // A sentence needs its numbers although an operator took a price away.
    private static Plan One(IReadOnlyList<Plan> plans, PlanOptions options, string planId) =>
        plans.FirstOrDefault(plan => plan.Id == planId && plan.Price is not null) ?? PlanSeeds.All(options).Single(seed => seed.Id == planId).As(0, isArchived: true);

    private static string Whole(long number) => number.ToString(CultureInfo.InvariantCulture);
}
