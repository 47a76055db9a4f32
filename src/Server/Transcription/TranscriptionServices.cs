using Ledgerline.Providers.Wire;

namespace Ledgerline.Transcription;

/// <summary>Registers the transcription product.</summary>
internal static class TranscriptionServices
{
    public static void AddTranscription(this IServiceCollection services, ProviderSettings settings)
    {
        services.AddSingleton(TranscriptionOptions.From(settings));
        services.AddTransient<PaidTranscription>();
    }
}
