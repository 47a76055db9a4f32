using Ledgerline.Providers.OpenAi.Realtime;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.OpenAi;

/// <summary>Registers what speaks to OpenAI.</summary>
internal static class OpenAiClients
{
    public static void AddOpenAi(this IServiceCollection services, OpenAiOptions options)
    {
        services.AddSingleton(options);
        var openAi = Upstream.At("openai", options.Address, OpenAiOptions.TranscriptionPatience);
        services.AddUpstream<OpenAiAudio>(_ => openAi);
        services.AddUpstream<OpenAiChat>(_ => openAi);
        services.AddUpstream<OpenAiCalls>(_ => openAi);
        services.AddSingleton<OpenAiSocket>();
        services.AddSingleton<OpenAiRealtime>();
    }
}
