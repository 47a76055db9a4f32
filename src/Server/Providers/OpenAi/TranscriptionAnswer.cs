using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>What OpenAI answers to a transcription, of either JSON format; whatever else it contains is skipped unread.</summary>
internal sealed class TranscriptionAnswer
{
    private static ReadOnlySpan<byte> Mark => [0xEF, 0xBB, 0xBF];

    // Present or missing, of any type: the rules below decide, not the parser.
    [JsonPropertyName("text")]
    public JsonElement Text { get; init; }

    [JsonPropertyName("language")]
    public JsonElement Language { get; init; }

    [JsonPropertyName("duration")]
    public JsonElement Duration { get; init; }

    /// <summary><c>{type:"duration", seconds}</c> or <c>{type:"tokens", …}</c>.</summary>
    [JsonPropertyName("usage")]
    public JsonElement Usage { get; init; }

    /// <exception cref="ModelFailure">It is no transcript, or it states lengths that are none.</exception>
    public static Transcript Read(ReadOnlySpan<byte> body, string? requestId)
    {
        TranscriptionAnswer? answer;
        try
        {
            answer = JsonSerializer.Deserialize<TranscriptionAnswer>(body.StartsWith(Mark) ? body[Mark.Length..] : body);
        }
        catch (JsonException failure)
        {
            throw new ModelFailure(ModelFailure.Upstream, "OpenAI answered what is no JSON object.", failure);
        }

        if (answer?.Text.ValueKind != JsonValueKind.String)
        {
            throw new ModelFailure(ModelFailure.Upstream, "OpenAI's answer has no text.");
        }

        return new Transcript(
            Words(answer.Text) ?? throw new ModelFailure(ModelFailure.Upstream, "OpenAI's text is not Unicode."),
            Words(answer.Language),
            new Consumption(answer.BilledSeconds, Seconds(answer.Duration, "duration"), requestId));
    }

    private decimal? BilledSeconds => Usage.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => null,
        JsonValueKind.Object => Usage.TryGetProperty("seconds", out var seconds) ? Seconds(seconds, "usage.seconds") : null,
        _ => throw new ModelFailure(ModelFailure.Upstream, "OpenAI's answer has a usage that is no object."),
    };

    // Null when it is no string, or one with half a surrogate pair in it, which JSON can carry and no text can.
    private static string? Words(JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    // A number, or the same as a string: both have been seen. Exact decimals, never binary fractions.
    private static decimal? Seconds(JsonElement value, string name)
    {
        var seconds = value.ValueKind switch
        {
            JsonValueKind.Undefined or JsonValueKind.Null => (decimal?)null,
            JsonValueKind.Number when value.TryGetDecimal(out var number) => number,
            JsonValueKind.String when decimal.TryParse(Words(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw new ModelFailure(ModelFailure.Upstream, $"OpenAI's {name} is no number."),
        };
        return seconds < 0 ? throw new ModelFailure(ModelFailure.Upstream, $"OpenAI's {name} is negative.") : seconds;
    }
}
