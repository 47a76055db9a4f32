using System.Globalization;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Plans;
using Ledgerline.Usage.Recorded;
using Ledgerline.Wallet;

namespace Ledgerline.Usage;

/// <summary>Registers metering, and the prices it meters by.</summary>
internal static class UsageServices
{
    private const string CostSetting = "OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE";
    private const string CallCreditsSetting = "CALL_CREDITS_PER_MINUTE";
    private const string CallCostSetting = "CALL_COST_USD_PER_MINUTE";

    public static void AddUsage(this IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton(PriceBook.Default(Text(settings, "OPENAI_TRANSCRIBE_MODEL"), Cost(CostSetting, Text(settings, CostSetting)), CallPriceOf(settings), Text(settings, TokenPrices.Setting), Text(settings, VoicePrices.Setting)));
        services.AddSingleton(provider => provider.GetRequiredService<PriceBook>().Voices);
        services.AddSingleton<Bookkeeping>();
        services.AddHostedService(provider => provider.GetRequiredService<Bookkeeping>());
        var callsFromCredits = Flag(settings, "CALLS_FROM_CREDITS");
        services.AddSingleton(provider => new Allowances(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<Entitlements>(),
            provider.GetRequiredService<Refusals>(),
            provider.GetRequiredService<Ledger>(),
            provider.GetRequiredService<ServiceUsage>(),
            provider.GetRequiredService<Bookkeeping>(),
            provider.GetRequiredService<Ids>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<PriceBook>().Call,
            callsFromCredits,
            provider.GetRequiredService<PlanOptions>().CallSecondsBusiness));
        services.AddSingleton<Meter>();
        services.AddSingleton<UsageSummary>();
        services.AddSingleton<SpendSummary>();
        services.AddSingleton<ServicePrices>();
        services.AddSingleton(provider => new ServiceUsage(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<ServicePrices>(), provider.GetRequiredService<Outbox>(),
            provider.GetRequiredService<Ids>(), provider.GetRequiredService<TimeProvider>()));
    }

    // Rounded up to the smallest unit: a cost that is shown too low would hide a loss.
    private static long? Cost(string setting, string? usdPerMinute) => Dollars(setting, usdPerMinute) is { } cost ? (long)Math.Ceiling(cost * 1_000_000 / 60) : null;

    private static CallPrice CallPriceOf(IConfiguration settings) => CallPrice.Default with
    {
        Minute = Text(settings, CallCreditsSetting) is not { } credits ? CallPrice.Default.Minute
            : long.TryParse(credits, NumberStyles.None, CultureInfo.InvariantCulture, out var whole) && whole is > 0 and <= 1_000_000 ? Credits.Whole(whole)
            : throw new FormatException($"{CallCreditsSetting} must be a whole number of credits from 1 to 1000000."),
        CostMicroUsdPerMinute = Dollars(CallCostSetting, Text(settings, CallCostSetting)) is { } cost
            ? (long)Math.Ceiling(cost * 1_000_000)
            : CallPrice.Default.CostMicroUsdPerMinute,
    };

    private static decimal? Dollars(string setting, string? text) => text is null ? null
        : decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cost) && cost <= 1000 ? cost
        : throw new FormatException($"{setting} must be an amount in US dollars such as 0.006.");

    private static bool Flag(IConfiguration settings, string name) => Text(settings, name)?.ToUpperInvariant() switch
    {
        null or "FALSE" or "0" => false,
        "TRUE" or "1" => true,
        _ => throw new FormatException($"{name} must be true or false."),
    };

    private static string? Text(IConfiguration settings, string name) => settings[name]?.Trim() is { Length: > 0 } text ? text : null;
}
