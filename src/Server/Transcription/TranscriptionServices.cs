namespace Ledgerline.Transcription;

/// <summary>Registers the transcription product.</summary>
internal static class TranscriptionServices
{
    public static void AddTranscription(this IServiceCollection services) => services.AddTransient<PaidTranscription>();
}
