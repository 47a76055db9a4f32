using Ledgerline.Http;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Calls.Bridge;

/// <summary>What the bridge registers. Whoever knows the calls registers the <see cref="IStreamDoor"/>.</summary>
internal static class BridgeServices
{
    public static void AddBridge(this IServiceCollection services, ProviderSettings settings)
    {
        var options = MediaOptions.Read(settings);
        services.AddSingleton(provider => options.At(provider.GetService<PublicUrl>()));
        services.AddSingleton<Punctuality>();
        services.AddSingleton<LiveCalls>();
        services.AddHostedService(provider => provider.GetRequiredService<LiveCalls>());
        services.AddSingleton<MediaSockets>();
    }
}
