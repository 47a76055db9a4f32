using Ledgerline.Plans;
using Ledgerline.Providers.Stripe;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>One price of a plan: of the period, or of a unit of something that is counted.</summary>
/// <param name="Name"><c>plan</c>, or the service that is counted.</param>
/// <param name="LookupKey">The plan's id for the first, so that people find it; the plan's id and the service for the others.</param>
/// <param name="UnitAmount">In minor units.</param>
internal sealed record PlanPart(string Name, string LookupKey, decimal UnitAmount, string Currency, string Interval)
{
    public const string WholePlan = "plan";

    /// <summary>What is counted for it; null when the price is of the period.</summary>
    public string? MeterEvent => Name == WholePlan ? null : PlanParts.MeterEvent(Name);

    /// <summary>Whether a price at Stripe asks what this part asks.</summary>
    public bool IsAskedBy(StripePrice price) => price.Active && Costs(price) && price.Recurring is { } recurring
        && recurring.Interval == Interval && recurring.IntervalCount is null or 1 && (recurring.UsageType == "metered") == (MeterEvent is not null);

    private bool Costs(StripePrice price) => price.Amount == UnitAmount && string.Equals(price.Currency, Currency, StringComparison.OrdinalIgnoreCase);
}

/// <summary>What a plan costs, in Stripe's terms.</summary>
internal static class PlanParts
{
    public const string Currency = "usd";

    private static readonly Dictionary<string, string> Services = new()
    {
        ["voice_per_minute"] = UsedService.VoiceCall,
        ["sms_per_message"] = UsedService.Sms,
        ["transcription_per_minute"] = UsedService.Transcription,
        ["custom_scenario_setup"] = UsedService.CustomScenario,
        [Plan.ChatPerMessage] = UsedService.ChatMessage,
    };

    /// <summary>The name under which Stripe's meters count a service.</summary>
    public static string MeterEvent(string service) => $"ledgerline_{service}";

    /// <summary>Empty when the plan is not sold through Stripe: it is free, or another store's.</summary>
    public static IReadOnlyList<PlanPart> Of(Plan plan) => plan switch
    {
        { Store: not PlanStore.Stripe } => [],
        { IsUsageBased: true } => [.. Metered(plan)],
        { IsUsageBased: false, Price: { Minor: > 0 } price } => [new PlanPart(PlanPart.WholePlan, plan.Id, price.Minor, price.Currency, Interval(plan.Type))],
        _ => [],
    };

    private static IEnumerable<PlanPart> Metered(Plan plan)
    {
        var isFirst = true;
        foreach (var (name, service) in Services)
        {
            if (plan.UnitPrice(name) is > 0 and var dollars)
            {
                yield return new PlanPart(service, isFirst ? plan.Id : $"{plan.Id}.{service}", dollars * 100, Currency, "month");
                isFirst = false;
            }
        }
    }

    private static string Interval(string planType) => planType switch
    {
        PlanType.Weekly => "week",
        PlanType.Yearly => "year",
        _ => "month",
    };
}
