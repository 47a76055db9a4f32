using Ledgerline.Kernel;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Providers.Wire;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>Registers the door to the models, and the providers behind it.</summary>
internal static class GatewayServices
{
    public static void AddGateway(this IServiceCollection services, ProviderSettings settings)
    {
        var openAi = OpenAiOptions.From(settings);
        services.AddOpenAi(openAi);
        services.AddSingleton(new ModelCatalog(openAi.TranscribeModel));
        services.AddTransient(provider => new ModelGateway(provider.GetRequiredService<OpenAiTranscriber>()));
        // Better no start than a model that is given away.
        services.AddSingleton(provider => new StartupRule(() =>
            provider.GetRequiredService<PriceBook>().Knows(openAi.TranscribeModel)
                ? []
                : [$"OPENAI_TRANSCRIBE_MODEL {openAi.TranscribeModel} has no price: set OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE to what its provider charges."]));
    }
}
