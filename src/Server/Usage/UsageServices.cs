using System.Globalization;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Usage.Recorded;

namespace Ledgerline.Usage;

/// <summary>Registers metering, and the prices it meters by.</summary>
internal static class UsageServices
{
    private const string CostSetting = "OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE";

    public static void AddUsage(this IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton(PriceBook.Default(Text(settings, "OPENAI_TRANSCRIBE_MODEL"), Cost(Text(settings, CostSetting))));
        services.AddSingleton<Bookkeeping>();
        services.AddHostedService(provider => provider.GetRequiredService<Bookkeeping>());
        services.AddSingleton<Meter>();
        services.AddSingleton<UsageSummary>();
        services.AddSingleton<SpendSummary>();
        services.AddSingleton<ServicePrices>();
        services.AddSingleton(provider => new ServiceUsage(
            provider.GetRequiredService<Database>(), provider.GetRequiredService<ServicePrices>(), provider.GetRequiredService<Outbox>(),
            provider.GetRequiredService<Ids>(), provider.GetRequiredService<TimeProvider>()));
    }

    // Rounded up to the smallest unit: a cost that is shown too low would hide a loss.
    private static long? Cost(string? usdPerMinute) => usdPerMinute is null ? null
        : decimal.TryParse(usdPerMinute, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var cost) && cost <= 1000
            ? (long)Math.Ceiling(cost * 1_000_000 / 60)
            : throw new FormatException($"{CostSetting} must be an amount in US dollars such as 0.006.");

    private static string? Text(IConfiguration settings, string name) => settings[name]?.Trim() is { Length: > 0 } text ? text : null;
}
