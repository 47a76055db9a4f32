using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ledgerline.Realtime;

/// <summary>What Realtime registers.</summary>
internal static class RealtimeServices
{
    public static void AddRealtime(this IServiceCollection services)
    {
        services.AddSingleton<StreamHub>();
        services.AddSingleton<StreamNews>();
        services.AddHostedService(provider => provider.GetRequiredService<StreamNews>());
        services.AddSingleton<Channels>();
        services.AddSingleton<EventLog>();
        services.AddSingleton<LiveTexts>();
        services.AddSingleton(provider => new EventWriter(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions));
        services.AddSingleton(provider => new EventStreams(
            provider.GetRequiredService<StreamHub>(), provider.GetRequiredService<EventLog>(), provider.GetRequiredService<LiveTexts>(),
            provider.GetRequiredService<EventWriter>(), provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<StreamTicker>();
    }
}
