using System.Globalization;

namespace Ledgerline.Plans;

/// <summary>What the App Store sells, in texts as the app shows them.</summary>
/// <param name="WeeklyPlan">For an earlier build.</param>
public sealed record MobilePricing(IReadOnlyList<MobilePlan> Plans, MobileAddOn Addon, PriceTag WeeklyPlan)
{
    internal static MobilePricing Of(PriceList list, PlanOptions options) => new(
        [
            .. new[]
            {
                (Plan: list.Weekly, Id: "weekly", Seconds: options.CallSecondsWeekly, Features: PriceList.WeeklyFeatures),
                (list.Basic, "basic", options.CallSecondsBasic, ["Unlimited scenarios", "Call history", "Basic support"]),
                (list.Premium, "premium", options.CallSecondsPremium, ["All Basic features", "Priority support", "Advanced analytics"]),
            }
            .Where(one => !one.Plan.IsArchived || one.Plan.Version == 0)
            .Select(one => new MobilePlan(
                one.Id, one.Plan.Name, DollarText.Of(one.Plan.Price!.Value), one.Plan.Type, PriceList.CallsInWords(one.Plan), Length(one.Seconds), one.Features)),
        ],
        new MobileAddOn(
            "addon", "Additional Calls", list.AddOnPrice, string.Create(CultureInfo.InvariantCulture, $"{options.AddOnCalls} additional calls"),
            string.Create(CultureInfo.InvariantCulture, $"{options.AddOnLength.Days} days"), "Perfect when you need a few more calls"),
        new PriceTag(DollarText.Of(list.Weekly.Price!.Value), "weekly", PriceList.WeeklyFeatures));

    private static string Length(int seconds) =>
        seconds == 60 ? "1 minute per call"
        : seconds % 60 == 0 ? string.Create(CultureInfo.InvariantCulture, $"{seconds / 60} minutes per call")
        : string.Create(CultureInfo.InvariantCulture, $"{seconds} seconds per call");
}

/// <summary>Seven texts, as the app decodes them.</summary>
public sealed record MobilePlan(string Id, string Name, string Price, string Billing, string Calls, string DurationLimit, IReadOnlyList<string> Features);

/// <summary>Six texts, as the app decodes them.</summary>
public sealed record MobileAddOn(string Id, string Name, string Price, string Calls, string Expires, string Description);
