using Ledgerline.Identity;
using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Scenarios;

/// <summary>What Scenarios registers.</summary>
internal static class ScenariosServices
{
    /// <exception cref="FormatException">A setting makes no sense; the message names it.</exception>
    public static void AddScenarios(this IServiceCollection services, IConfiguration settings)
    {
        var options = ScenarioOptions.Read(settings);
        services.AddSingleton(provider => new ScenarioDesk(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<Accounts>(),
            provider.GetRequiredService<Outbox>(),
            provider.GetRequiredService<TimeProvider>(),
            options));
    }
}
