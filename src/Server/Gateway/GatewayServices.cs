using System.Globalization;
using Ledgerline.Gateway.Uploads;
using Ledgerline.Gateway.V1;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Providers.Wire;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>Registers the door to the models, the providers behind it, and the addresses that look like theirs.</summary>
internal static class GatewayServices
{
    private const string ModelsSetting = "V1_MODELS";

    public static void AddGateway(this IServiceCollection services, ProviderSettings settings)
    {
        var openAi = OpenAiOptions.From(settings);
        services.AddOpenAi(openAi);
        services.AddSingleton(UploadOptions.From(settings));
        services.AddSingleton<UploadMemory>();
        services.AddSingleton<UploadStore>();
        services.AddSingleton(provider => Catalog(provider.GetRequiredService<PriceBook>(), openAi, settings));
        services.AddTransient(provider => new ModelGateway(provider.GetRequiredService<OpenAiAudio>()));
        services.AddTransient<PaidAudio>();
        services.AddTransient<V1Audio>();
        services.AddSingleton<OpenAiErrors>();
        services.AddSingleton<RefusalForm>(provider => provider.GetRequiredService<OpenAiErrors>());
        // Better no start than a model that is given away.
        services.AddSingleton(provider => new StartupRule(() =>
            provider.GetRequiredService<PriceBook>().Knows(openAi.TranscribeModel)
                ? []
                : [$"OPENAI_TRANSCRIBE_MODEL {openAi.TranscribeModel} has no price: set OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE to what its provider charges."]));
        services.AddSingleton(provider => new StartupRule(() =>
            Named(settings)
                .Where(model => !provider.GetRequiredService<PriceBook>().Knows(model))
                .Select(model => $"{ModelsSetting} names {model}, which has no price.")));
    }

    // Everything that has a price, unless the operator names fewer.
    private static ModelCatalog Catalog(PriceBook prices, OpenAiOptions openAi, ProviderSettings settings)
    {
        var named = Named(settings);
        return new ModelCatalog(openAi.TranscribeModel)
        {
            Sold =
            [
                .. from model in prices.Models.Order(StringComparer.Ordinal)
                   where named.Count == 0 || named.Contains(model)
                   select new SoldModel(model, Since(prices.Audio(model))),
            ],
        };
    }

    private static IReadOnlyList<string> Named(ProviderSettings settings) =>
        settings[ModelsSetting]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    // A price's version is the month it is good from.
    private static DateTimeOffset Since(AudioPrice price) =>
        DateTimeOffset.ParseExact(price.Version, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
