using System.Globalization;
using System.Text.Json;

namespace Sandbox.OpenAi;

/// <summary>What a transcription or translation asks for, checked against what its model can do.</summary>
internal sealed record TranscriptionOptions(
    string Model, string Format, string? Language, string Prompt, bool Words, bool Segments, bool Stream, bool LogProbs, bool Chunked)
{
    private static readonly string[] TranscriptionFields =
    [
        "model", "language", "languages", "keywords", "prompt", "response_format", "temperature", "include", "timestamp_granularities",
        "stream", "chunking_strategy", "known_speaker_names", "known_speaker_references",
    ];

    private static readonly string[] TranslationFields = ["model", "prompt", "response_format", "temperature"];
    private static readonly string[] WhisperFormats = ["json", "text", "srt", "verbose_json", "vtt"];

    public static TranscriptionOptions ForTranscription(Upload upload)
    {
        KnownFields(upload, TranscriptionFields);
        var model = ModelOf(upload);
        var whisper = model == OpenAiModels.Whisper;
        var diarize = model == OpenAiModels.Diarize;
        string[] formats = whisper ? WhisperFormats : diarize ? ["json", "text", "diarized_json"] : ["json"];
        var format = OneOf(upload, "response_format", "json", formats);
        Temperature(upload);

        var granularities = upload.Values("timestamp_granularities");
        Each(granularities, "timestamp_granularities", ["word", "segment"]);
        Only(granularities.Count == 0 || format == "verbose_json", "timestamp_granularities", "needs response_format verbose_json");

        var include = upload.Values("include");
        Each(include, "include", ["logprobs"]);
        Only(include.Count == 0 || (!whisper && !diarize && format == "json"), "include", "logprobs works with the json format of the gpt-4o models only");

        Only(!diarize || upload.Value("prompt") is null, "prompt", $"is not supported with {model}");
        Only(model == OpenAiModels.Transcribe || upload.Values("languages").Count + upload.Values("keywords").Count == 0,
            upload.Values("languages").Count > 0 ? "languages" : "keywords", $"works with {OpenAiModels.Transcribe} only");
        Only(upload.Value("language") is not { } code || code.Length is 2 or 3 && code.All(char.IsAsciiLetter), "language", "is written in ISO 639-1, as en");
        var stream = OneOf(upload, "stream", "false", ["true", "false"]) == "true";
        return new TranscriptionOptions(
            model, format, upload.Value("language") ?? upload.Value("languages"), upload.Value("prompt") ?? "",
            Words: granularities.Contains("word"),
            Segments: granularities.Count == 0 || granularities.Contains("segment"),
            Stream: stream && !whisper,
            LogProbs: include.Count > 0,
            Chunked: Chunking(upload.Value("chunking_strategy") ?? ChunkingObject(upload)));
    }

    public static TranscriptionOptions ForTranslation(Upload upload)
    {
        KnownFields(upload, TranslationFields);
        var model = ModelOf(upload);
        Only(model == OpenAiModels.Whisper, "model", "must be whisper-1 for translations");
        Temperature(upload);
        return new TranscriptionOptions(
            model, OneOf(upload, "response_format", "json", WhisperFormats), "en", upload.Value("prompt") ?? "",
            Words: false, Segments: true, Stream: false, LogProbs: false, Chunked: false);
    }

    private static void KnownFields(Upload upload, string[] known)
    {
        if (upload.FieldNames.FirstOrDefault(name => !known.Contains(name) && !(known.Contains("chunking_strategy") && IsChunkingPart(name))) is { } unknown)
        {
            throw new OpenAiError(400, $"Unknown parameter: '{unknown}'.", unknown, "unknown_parameter");
        }
    }

    private static string ModelOf(Upload upload)
    {
        var model = upload.Value("model") ?? throw new OpenAiError(400, "you must provide a model parameter", "model");
        return OpenAiModels.Listens(model) ? model : throw OpenAiModels.NotFound(model);
    }

    private static string OneOf(Upload upload, string name, string otherwise, string[] allowed)
    {
        var value = upload.Value(name) ?? otherwise;
        Only(allowed.Contains(value), name, $"'{value}' does not fit this model; it takes {string.Join(", ", allowed)}");
        return value;
    }

    private static void Each(IReadOnlyList<string> values, string name, string[] allowed) =>
        Only(values.All(allowed.Contains), name, $"takes {string.Join(", ", allowed)}");

    private static void Temperature(Upload upload) =>
        Only(upload.Value("temperature") is not { } text
            || decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1,
            "temperature", "is a number between 0 and 1");

    // Libraries write an object as chunking_strategy[type], chunking_strategy[threshold], …
    private static string? ChunkingObject(Upload upload)
    {
        var parts = upload.FieldNames.Where(IsChunkingPart).ToDictionary(name => name["chunking_strategy[".Length..^1], upload.Value);
        return parts.Count == 0 ? null : JsonSerializer.Serialize(parts);
    }

    private static bool IsChunkingPart(string name) =>
        name is "chunking_strategy[type]" or "chunking_strategy[threshold]" or "chunking_strategy[prefix_padding_ms]" or "chunking_strategy[silence_duration_ms]";

    private static bool Chunking(string? strategy)
    {
        if (strategy is null or "auto")
        {
            return strategy is not null;
        }

        try
        {
            using var parsed = JsonDocument.Parse(strategy);
            Only(parsed.RootElement.ValueKind == JsonValueKind.Object
                && parsed.RootElement.TryGetProperty("type", out var type) && type.ValueEquals("server_vad"), "chunking_strategy", "is auto or an object of type server_vad");
            return true;
        }
        catch (JsonException)
        {
            throw new OpenAiError(400, "Invalid value for chunking_strategy: is auto or an object of type server_vad.", "chunking_strategy", "invalid_value");
        }
    }

    private static void Only(bool fits, string name, string rule)
    {
        if (!fits)
        {
            throw new OpenAiError(400, $"Invalid value for {name}: {rule}.", name, "invalid_value");
        }
    }
}
