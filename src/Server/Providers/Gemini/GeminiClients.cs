using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.Gemini;

/// <summary>Registers what speaks to Gemini.</summary>
internal static class GeminiClients
{
    public static void AddGemini(this IServiceCollection services, GeminiOptions options)
    {
        services.AddSingleton(options);
        services.AddUpstream<GeminiChat>(_ => Upstream.At("gemini", options.Address));
    }
}
