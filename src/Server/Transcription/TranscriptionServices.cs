using Ledgerline.Providers.Wire;

namespace Ledgerline.Transcription;

/// <summary>Registers the transcription product.</summary>
internal static class TranscriptionServices
{
    // A transcription that runs when the process is told to stop is finished and settled first.
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(75);

    public static void AddTranscription(this IServiceCollection services, ProviderSettings settings)
    {
        services.AddSingleton(TranscriptionOptions.From(settings));
        services.AddTransient<PaidTranscription>();
        services.PostConfigure<HostOptions>(host => host.ShutdownTimeout = host.ShutdownTimeout > Drain ? host.ShutdownTimeout : Drain);
    }
}
