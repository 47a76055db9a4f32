using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi.Realtime;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.OpenAi;

/// <summary>How OpenAI, or a server that speaks its protocol, is reached.</summary>
/// <param name="ApiKey">Null: OpenAI is not configured.</param>
/// <param name="Address">Without <c>/v1</c>.</param>
/// <param name="TranscribeModel">The model that transcriptions are sold with.</param>
public sealed record OpenAiOptions(string? ApiKey, string Address, string TranscribeModel)
{
    private const string DefaultRealtimeModel = "gpt-realtime";
    private const string DefaultRealtimeTranscription = "gpt-4o-mini-transcribe";

    public const string SandboxKey = "sk-sandbox";

    /// <summary>A whole transcription, from the first byte sent to the last one read: what the desktop client waits, less our own work.</summary>
    public static readonly TimeSpan TranscriptionPatience = TimeSpan.FromSeconds(55);

    /// <summary>Speaks on the phone.</summary>
    public string RealtimeModel { get; init; } = DefaultRealtimeModel;

    /// <summary>Writes down what the person on the phone says, where a call wants that.</summary>
    public string RealtimeTranscriptionModel { get; init; } = DefaultRealtimeTranscription;

    /// <summary>How it tells that the person has finished.</summary>
    internal TurnDetection RealtimeTurns { get; init; } = TurnDetection.Parse(null);

    /// <exception cref="ModelFailure">OpenAI is not configured.</exception>
    internal string KeyOrFailure => ApiKey ?? throw new ModelFailure(ModelFailure.NotConfigured, "OpenAI is not configured: set OPENAI_API_KEY.");

    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static OpenAiOptions From(ProviderSettings settings)
    {
        var address = settings.Address("OPENAI_BASE_URL", "OPENAI_API_KEY", "https://api.openai.com", "/openai").TrimEnd('/');
        return new OpenAiOptions(
            settings.Key("OPENAI_API_KEY", SandboxKey),
            // OpenAI's own libraries are given the address with /v1, so operators write it that way too.
            address.EndsWith("/v1", StringComparison.Ordinal) ? address[..^"/v1".Length] : address,
            settings["OPENAI_TRANSCRIBE_MODEL"] ?? "whisper-1")
        {
            RealtimeModel = settings["OPENAI_REALTIME_MODEL"] ?? DefaultRealtimeModel,
            RealtimeTranscriptionModel = settings["OPENAI_REALTIME_TRANSCRIBE_MODEL"] ?? DefaultRealtimeTranscription,
            RealtimeTurns = TurnDetection.Parse(settings["REALTIME_TURN_DETECTION"]),
        };
    }
}
