using System.Globalization;
using Ledgerline.Gateway.Uploads;
using Ledgerline.Gateway.V1;
using Ledgerline.Gateway.V1.Chat;
using Ledgerline.Gateway.V1.Realtime;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Providers.Gemini;
using Ledgerline.Providers.OpenAi;
using Ledgerline.Providers.OpenAi.Realtime;
using Ledgerline.Providers.Wire;
using Ledgerline.Usage;

namespace Ledgerline.Gateway;

/// <summary>Registers the door to the models, the providers behind it, and the addresses that look like theirs.</summary>
internal static class GatewayServices
{
    private const string ModelsSetting = "V1_MODELS";
    private const string FallbackSetting = "CHAT_FALLBACK_MODEL";

    public static void AddGateway(this IServiceCollection services, ProviderSettings settings)
    {
        var (openAi, gemini) = (OpenAiOptions.From(settings), GeminiOptions.From(settings));
        services.AddOpenAi(openAi);
        services.AddGemini(gemini);
        services.AddSingleton(UploadOptions.From(settings));
        services.AddSingleton<UploadMemory>();
        services.AddSingleton<UploadStore>();
        services.AddSingleton(provider => Catalog(provider.GetRequiredService<PriceBook>(), openAi, gemini, settings));
        services.AddTransient(provider => new ModelGateway(
            provider.GetRequiredService<OpenAiAudio>(), provider.GetRequiredService<OpenAiChat>(), provider.GetRequiredService<GeminiChat>(),
            provider.GetRequiredService<OpenAiRealtime>(), provider.GetRequiredService<ModelCatalog>(), provider.GetRequiredService<OpenAiSocket>()));
        services.AddTransient(provider => new VoiceCalls(provider.GetRequiredService<OpenAiCalls>()));
        services.AddTransient<PaidAudio>();
        services.AddTransient<V1Audio>();
        services.AddTransient<PaidChat>();
        services.AddTransient<V1Chat>();
        services.AddTransient<V1Realtime>();
        services.AddSingleton<RealtimeKeeper>();
        services.AddSingleton<OpenAiErrors>();
        services.AddSingleton<RefusalForm>(provider => provider.GetRequiredService<OpenAiErrors>());
        services.AddSingleton(provider => new StartupRule(() => Unpriced(provider.GetRequiredService<PriceBook>(), openAi, gemini, settings)));
    }

    // Better no start than a model that is given away.
    private static IEnumerable<string> Unpriced(PriceBook prices, OpenAiOptions openAi, GeminiOptions gemini, ProviderSettings settings)
    {
        if (!prices.Knows(openAi.TranscribeModel))
        {
            yield return $"OPENAI_TRANSCRIBE_MODEL {openAi.TranscribeModel} has no price: set OPENAI_TRANSCRIBE_COST_USD_PER_MINUTE to what its provider charges.";
        }

        if (!prices.KnowsTokens(gemini.Model))
        {
            yield return $"GEMINI_MODEL {gemini.Model} has no price: add it to CHAT_PRICES.";
        }

        if (!prices.KnowsVoice(openAi.RealtimeModel))
        {
            yield return $"OPENAI_REALTIME_MODEL {openAi.RealtimeModel} has no price: add it to {VoicePrices.Setting}.";
        }

        if (settings[FallbackSetting] is { } fallback && !prices.KnowsTokens(fallback))
        {
            yield return $"{FallbackSetting} {fallback} has no price: add it to CHAT_PRICES.";
        }

        foreach (var model in Named(settings).Where(model => !prices.Knows(model) && !prices.KnowsTokens(model) && !prices.KnowsVoice(model)))
        {
            yield return $"{ModelsSetting} names {model}, which has no price.";
        }
    }

    // Everything that has a price, unless the operator names fewer.
    private static ModelCatalog Catalog(PriceBook prices, OpenAiOptions openAi, GeminiOptions gemini, ProviderSettings settings)
    {
        var named = Named(settings);
        var catalog = new ModelCatalog(openAi.TranscribeModel) { Chat = gemini.Model, ChatFallback = settings[FallbackSetting] };
        var all = prices.Models.Select(model => new SoldModel(model, Since(prices.Audio(model).Version)))
            .Concat(prices.ChatModels.Select(model => new SoldModel(model, Since(prices.Tokens(model).Version)) { Chats = true, Provider = catalog.ProviderOf(model) }))
            .Concat(prices.VoiceModels.Select(model => new SoldModel(model, Since(VoicePrices.Version)) { Speaks = true }))
            // A provider without a key is off, and so are its models that talk.
            .Where(model => !(model.Chats || model.Speaks) || (model.Provider == ModelProvider.Gemini ? gemini.ApiKey : openAi.ApiKey) is not null)
            .Where(model => named.Count == 0 || named.Contains(model.Id));
        return catalog with { Sold = [.. all.OrderBy(model => model.Id, StringComparer.Ordinal)] };
    }

    private static IReadOnlyList<string> Named(ProviderSettings settings) =>
        settings[ModelsSetting]?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    // A price's version is the month it is good from.
    private static DateTimeOffset Since(string version) => DateTimeOffset.ParseExact(version, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
