using System.Text.Json;
using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>The plans that the product brings along; an operator's edits win over them.</summary>
internal static class PlanSeeds
{
    public const string UsageBased = "usage_based";
    public const string MobileWeekly = "mobile_weekly";
    public const string MobileBasic = "mobile_basic";
    public const string MobilePremium = "mobile_premium";
    public const string ChatPro = "chat_pro";

    private const int MonthsPaidAYear = 10;

    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<PlanDraft> All(PlanOptions options)
    {
        PlanDraft[] monthly =
        [
            Voice("basic_monthly", "Basic Monthly", options.Price("basic_monthly", 4999),
                new { voice_minutes = 100, sms_messages = 500, custom_scenarios = 3, transcription_storage = "30_days" }),
            Voice("pro_monthly", "Pro Monthly", options.Price("pro_monthly", 9999),
                new { voice_minutes = 500, sms_messages = 2000, custom_scenarios = 10, transcription_storage = "90_days", advanced_analytics = true }),
            Voice("enterprise_monthly", "Enterprise Monthly", options.Price("enterprise_monthly", 29999), new
            {
                voice_minutes = PlanFeatures.Unlimited, sms_messages = PlanFeatures.Unlimited, custom_scenarios = PlanFeatures.Unlimited,
                transcription_storage = "1_year", advanced_analytics = true, priority_support = true, white_label = true,
            }),
        ];
        PlanDraft[] business =
        [
            Business("business_basic", "Business Basic", options.Price("business_basic", 4999), 20),
            Business("business_professional", "Business Professional", options.Price("business_professional", 9900), 50),
            Business("business_enterprise", "Business Enterprise", options.Price("business_enterprise", 29900), null),
        ];
        return
        [
            .. monthly,
            new PlanDraft(UsageBased, "Pay As You Go", PlanType.Usage, PlanProduct.VoiceFeatures, null, Json(new { }))
            {
                Pricing = Json(new { voice_per_minute = 0.05m, sms_per_message = 0.01m, transcription_per_minute = 0.02m, custom_scenario_setup = 5.0m }),
                IsCore = true,
            },
            .. business,
            .. monthly.Concat(business).Select(plan => Yearly(plan, options)),
            new PlanDraft("chat_basic", "Chat Basic", PlanType.Monthly, PlanProduct.ChatPro, null, Json(new { messages_per_day = options.ChatDailyLimit })),
            new PlanDraft(ChatPro, "Chat Pro", PlanType.Monthly, PlanProduct.ChatPro, options.Price(ChatPro, 999), Json(new { messages_per_day = PlanFeatures.Unlimited })),
            Mobile(MobileWeekly, "Premium Weekly", PlanType.Weekly, options.Price(MobileWeekly, 499), new { weekly_calls = (int?)null }),
            Mobile(MobileBasic, "Basic Plan", PlanType.Weekly, options.Price(MobileBasic, 499), new { weekly_calls = 5 }),
            Mobile(MobilePremium, "Premium Plan", PlanType.Monthly, options.Price(MobilePremium, 2500), new { monthly_calls = 30 }),
        ];
    }

    /// <summary><c>basic_yearly</c>, <c>business_basic_yearly</c>: twelve months for ten months' price.</summary>
    private static PlanDraft Yearly(PlanDraft monthly, PlanOptions options)
    {
        var id = monthly.Id.Replace("_monthly", "", StringComparison.Ordinal) + "_yearly";
        return monthly with
        {
            Id = id,
            Name = monthly.Name.Replace(" Monthly", "", StringComparison.Ordinal) + " Yearly",
            Type = PlanType.Yearly,
            Price = options.Price(id, monthly.Price!.Value.Minor * MonthsPaidAYear),
            IsCore = false,
        };
    }

    private static PlanDraft Voice(string id, string name, Money price, object features) =>
        new(id, name, PlanType.Monthly, PlanProduct.VoiceFeatures, price, Json(features)) { IsCore = true };

    private static PlanDraft Business(string id, string name, Money price, int? weeklyCalls) =>
        new(id, name, PlanType.Monthly, PlanProduct.Calls, price, Json(new { weekly_calls = weeklyCalls })) { IsCore = true };

    private static PlanDraft Mobile(string id, string name, string type, Money price, object features) =>
        new(id, name, type, PlanProduct.Calls, price, Json(features)) { Store = PlanStore.AppStore };

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);
}
