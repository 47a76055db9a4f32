namespace Ledgerline.Nodes;

/// <summary>What Nodes registers.</summary>
internal static class NodesServices
{
    public static void AddNodes(this IServiceCollection services, IConfiguration settings)
    {
        services.AddSingleton(_ => new RedisOptions(settings));
        services.AddSingleton<RedisLink>();
        services.AddHostedService(provider => provider.GetRequiredService<RedisLink>());
        services.AddSingleton<NodeBus>();
        services.AddSingleton<SharedCache>();
    }
}
