using Ledgerline.Providers.OpenAi;
using Ledgerline.Providers.Wire;

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
        services.AddHostedService<PricedModels>();
    }
}
