using Ledgerline.Jobs;
using Ledgerline.Persistence;

namespace Ledgerline.Plans;

/// <summary>Registers the catalogue and the allowances.</summary>
internal static class PlansServices
{
    /// <exception cref="FormatException">A setting makes no sense; the message names it.</exception>
    public static void AddPlans(this IServiceCollection services, IConfiguration settings, IHostEnvironment environment)
    {
        services.AddSingleton(PlanOptions.Read(settings, environment));
        services.AddSingleton<PlanCatalog>();
        services.AddSingleton<AllowanceRules>();
        services.AddSingleton<AllowanceStore>();
        services.AddSingleton<Refusals>();
        services.AddSingleton(provider => new Entitlements(
            provider.GetRequiredService<Database>(),
            provider.GetRequiredService<Outbox>(),
            provider.GetRequiredService<AllowanceRules>(),
            provider.GetRequiredService<AllowanceStore>(),
            provider.GetRequiredService<PlanCatalog>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new UsagePlans(
            provider.GetRequiredService<PlanCatalog>(), provider.GetRequiredService<PlanOptions>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new Offers(provider.GetRequiredService<PlanCatalog>(), provider.GetRequiredService<PlanOptions>()));
        services.AddHostedService<PlansStart>();
    }
}

/// <summary>Before the first request the catalogue holds what the product brings along.</summary>
internal sealed class PlansStart(PlanCatalog catalog, PlanOptions options) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => catalog.Seed(PlanSeeds.All(options), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
