using System.Text.Json;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>How the provider tells that the person has finished. Every field is sent: the documents contradict each other about what is assumed.</summary>
/// <param name="Eagerness">Of <c>semantic_vad</c>; null: <c>server_vad</c>, which goes by silence alone.</param>
internal sealed record TurnDetection(string? Eagerness)
{
    private const string Semantic = "semantic_vad";
    private const string Server = "server_vad";

    /// <param name="text"><c>semantic_vad</c>, <c>semantic_vad:low</c>, <c>:medium</c>, <c>:high</c>, <c>:auto</c>, or <c>server_vad</c>; null: the first.</param>
    /// <exception cref="FormatException">It is none of these.</exception>
    public static TurnDetection Parse(string? text) => text?.ToLowerInvariant().Split(':') switch
    {
        null or [Semantic] => new TurnDetection("medium"),
        [Server] => new TurnDetection((string?)null),
        [Semantic, "low" or "medium" or "high" or "auto"] parts => new TurnDetection(parts[1]),
        _ => throw new FormatException("REALTIME_TURN_DETECTION must be semantic_vad, semantic_vad:low, semantic_vad:medium, semantic_vad:high, semantic_vad:auto, or server_vad."),
    };

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject("turn_detection");
        if (Eagerness is not null)
        {
            json.WriteString("type", Semantic);
            json.WriteString("eagerness", Eagerness);
        }
        else
        {
            json.WriteString("type", Server);
            json.WriteNumber("threshold", 0.5m);
            json.WriteNumber("prefix_padding_ms", 300);
            json.WriteNumber("silence_duration_ms", 500);
        }

        json.WriteBoolean("create_response", true);
        json.WriteBoolean("interrupt_response", true);
        json.WriteEndObject();
    }
}
