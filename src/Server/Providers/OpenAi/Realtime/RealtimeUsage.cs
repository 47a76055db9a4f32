using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>Reads <c>usage</c> of answers and transcriptions.</summary>
internal static class RealtimeUsage
{
    // No session hears or says so much; whoever counts more, or less than nothing, did not count.
    private const long Largest = 10_000_000;
    private const decimal LongestSeconds = 2 * 60 * 60;

    /// <summary>Null when the provider does not say, or says what cannot be.</summary>
    public static VoiceUsage? OfAnswer(string id, string model, JsonElement usage)
    {
        if (usage.ValueKind != JsonValueKind.Object || !IsCount(usage))
        {
            return null;
        }

        var (input, output) = (Object(usage, "input_token_details"), Object(usage, "output_token_details"));
        var cached = Object(input, "cached_tokens_details");
        var allCached = Number(input, "cached_tokens");
        // Without details it is text that was cached, as far as there was text.
        var (textCached, audioCached, imageCached) = cached.ValueKind == JsonValueKind.Object
            ? (Number(cached, "text_tokens"), Number(cached, "audio_tokens"), Number(cached, "image_tokens"))
            : Spread(allCached, Number(input, "text_tokens"), Number(input, "audio_tokens"));
        var read = new VoiceUsage(id, model)
        {
            TextInput = Number(input, "text_tokens"),
            AudioInput = Number(input, "audio_tokens"),
            ImageInput = Number(input, "image_tokens"),
            CachedText = textCached,
            CachedAudio = audioCached,
            CachedImage = imageCached,
            TextOutput = Number(output, "text_tokens"),
            AudioOutput = Number(output, "audio_tokens"),
        };
        return read with
        {
            IsInconsistent = read.TextInput + read.AudioInput + read.ImageInput != Number(usage, "input_tokens")
                || read.TextOutput + read.AudioOutput != Number(usage, "output_tokens")
                || textCached + audioCached + imageCached != allCached
                || textCached > read.TextInput || audioCached > read.AudioInput || imageCached > read.ImageInput,
        };
    }

    /// <inheritdoc cref="OfAnswer"/>
    public static VoiceUsage? OfTranscription(string item, string model, JsonElement usage)
    {
        if (usage.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (usage.TryGetProperty("seconds", out var seconds) && seconds.ValueKind == JsonValueKind.Number)
        {
            return seconds.TryGetDecimal(out var exact) && exact is >= 0 and <= LongestSeconds ? new VoiceUsage(item, model) { IsTranscription = true, Seconds = exact } : null;
        }

        if (!IsCount(usage))
        {
            return null;
        }

        var input = Object(usage, "input_token_details");
        var read = new VoiceUsage(item, model)
        {
            IsTranscription = true,
            TextInput = Number(input, "text_tokens"),
            AudioInput = Number(input, "audio_tokens"),
            TextOutput = Number(usage, "output_tokens"),
        };
        return read with { IsInconsistent = read.TextInput + read.AudioInput != Number(usage, "input_tokens") };
    }

    private static bool IsCount(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().All(field => IsCount(field.Value)),
        JsonValueKind.Number => element.TryGetInt64(out var number) && number is >= 0 and <= Largest,
        _ => true,
    };

    private static (long Text, long Audio, long Image) Spread(long cached, long text, long audio)
    {
        var ofText = Math.Min(cached, text);
        var ofAudio = Math.Min(cached - ofText, audio);
        return (ofText, ofAudio, cached - ofText - ofAudio);
    }

    private static JsonElement Object(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Object ? value : default;

    private static long Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : 0;
}
