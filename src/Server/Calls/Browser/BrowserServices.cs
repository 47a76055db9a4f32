namespace Ledgerline.Calls.Browser;

/// <summary>What conversations in a browser register.</summary>
internal static class BrowserServices
{
    public static void AddBrowserCalls(this IServiceCollection services)
    {
        services.AddSingleton<BrowserCallRunner>();
        services.AddHostedService(provider => provider.GetRequiredService<BrowserCallRunner>());
        services.AddTransient(provider => ActivatorUtilities.CreateInstance<BrowserCalls>(provider));
    }
}
