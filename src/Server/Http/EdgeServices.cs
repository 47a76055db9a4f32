using Ledgerline.Http.OpenApi;
using Ledgerline.Nodes;
using Ledgerline.Persistence;

namespace Ledgerline.Http;

/// <summary>What Http registers.</summary>
internal static class EdgeServices
{
    public static void AddEdges(this IServiceCollection services, IConfiguration settings, IHostEnvironment environment)
    {
        services.AddSingleton<Leases>();
        services.AddSingleton<Idempotency>();
        services.AddSingleton(_ => new AllowedOrigins(settings));
        services.AddSingleton(_ => new RateLimitOptions(settings, environment));
        services.AddSingleton<SharedCounters>();
        services.AddSingleton<Counters>(provider =>
            provider.GetRequiredService<RedisLink>().IsConfigured ? ActivatorUtilities.CreateInstance<RedisCounters>(provider)
            : provider.GetRequiredService<Database>().EngineName == "sqlite" ? ActivatorUtilities.CreateInstance<OwnCounters>(provider)
            : provider.GetRequiredService<SharedCounters>());
        services.AddSingleton<Permits>();
        services.AddSingleton<RateLimiter>();
        services.AddSingleton<Readiness>();
        services.AddSingleton<Drain>();
        services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        if (PublicUrl.Read(settings, environment) is { } address)
        {
            services.AddSingleton(address);
        }

        if (ApiDocument.IsOn(settings))
        {
            services.AddApiDocument();
        }
    }
}
