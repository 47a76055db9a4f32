using System.Globalization;
using System.Text.RegularExpressions;
using Ledgerline.Gateway.Uploads;

namespace Ledgerline.Gateway.V1;

/// <summary>A request to one of the audio addresses, checked against what its model takes.</summary>
/// <param name="Forwarded">The fields as the provider gets them, the model left out.</param>
internal sealed partial record AudioAsk(
    string Model, string Format, bool Chunked, ModelAbilities Abilities, IReadOnlyList<KeyValuePair<string, string>> Forwarded)
{
    private const string ModelField = "model";
    private const string Chunking = "chunking_strategy";

    private static readonly string[] Arrays = ["include", "timestamp_granularities"];
    private static readonly string[] ForTranscription =
        [ModelField, "language", "prompt", "response_format", "temperature", "include", "timestamp_granularities", "stream", Chunking];

    private static readonly string[] ForTranslation = [ModelField, "prompt", "response_format", "temperature"];

    /// <exception cref="V1Refusal">A field is unknown, or does not fit the model or another field.</exception>
    public static AudioAsk Transcription(FormFields fields, ModelCatalog models)
    {
        var (model, abilities) = Known(fields, ForTranscription, models);
        var format = FormatOf(fields, abilities);
        Temperature(fields);
        Only(fields.Value("language") is not { } code || Language().IsMatch(code), "language", "Give the language as one ISO 639 code, such as en");
        Only(abilities.Prompt || fields.Value("prompt") is null, "prompt", $"prompt is not supported with {model}");
        var granularities = fields.Values("timestamp_granularities");
        Only(granularities.All(one => one is "word" or "segment"), "timestamp_granularities", "timestamp_granularities takes word and segment");
        Only(granularities.Count == 0 || format == "verbose_json", "timestamp_granularities", "timestamp_granularities needs response_format verbose_json");
        var include = fields.Values("include");
        Only(include.All(one => one == "logprobs"), "include", "include takes logprobs");
        Only(include.Count == 0 || (abilities.LogProbs && format == "json"), "include", $"logprobs is not supported with {model} and {format}");
        Only(fields.Value("stream") is null or "true" or "false", "stream", "stream is true or false");
        return new AudioAsk(model, format, Chunks(fields), abilities, Forward(fields));
    }

    /// <inheritdoc cref="Transcription"/>
    public static AudioAsk Translation(FormFields fields, ModelCatalog models)
    {
        var (model, abilities) = Known(fields, ForTranslation, models);
        Only(abilities.Translates, ModelField, $"{model} does not translate");
        Temperature(fields);
        return new AudioAsk(model, FormatOf(fields, abilities), Chunked: false, abilities, Forward(fields));
    }

    private static (string Model, ModelAbilities Abilities) Known(FormFields fields, string[] known, ModelCatalog models)
    {
        if (fields.Names.FirstOrDefault(name => !known.Contains(name) && !(known.Contains(Chunking) && IsPartOfChunking(name))) is { } unknown)
        {
            throw V1Refusal.Wrong(unknown, $"Unknown parameter: '{unknown}'.", "unknown_parameter");
        }

        var model = fields.Value(ModelField) ?? throw V1Refusal.Wrong(ModelField, "you must provide a model parameter", "missing_required_parameter");
        return models.Sells(model) ? (model, ModelAbilities.Of(model)) : throw V1Refusal.NoModel(model);
    }

    private static string FormatOf(FormFields fields, ModelAbilities abilities)
    {
        var format = fields.Value("response_format") ?? "json";
        Only(abilities.Formats.Contains(format), "response_format", $"response_format takes {string.Join(", ", abilities.Formats)} with this model");
        return format;
    }

    private static void Temperature(FormFields fields) => Only(
        fields.Value("temperature") is not { } text
            || (decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var value) && value <= 1),
        "temperature", "temperature is a number from 0 to 1");

    private static bool Chunks(FormFields fields)
    {
        var parts = fields.Names.Where(IsPartOfChunking).ToList();
        Only(
            fields.Value(Chunking) is null or "auto" && (parts.Count == 0 || (fields.Value($"{Chunking}[type]") == "server_vad" && fields.Value(Chunking) is null)),
            Chunking, "chunking_strategy is auto, or an object of the type server_vad");
        return fields.Value(Chunking) is not null || parts.Count > 0;
    }

    // Libraries write an object's fields as chunking_strategy[type].
    private static bool IsPartOfChunking(string name) => ChunkingPart().IsMatch(name);

    private static List<KeyValuePair<string, string>> Forward(FormFields fields) =>
    [
        .. from field in fields.All
           where field.Key != ModelField && field.Value.Length > 0
           select new KeyValuePair<string, string>(Arrays.Contains(field.Key) ? $"{field.Key}[]" : field.Key, field.Value),
    ];

    private static void Only(bool fits, string param, string sentence)
    {
        if (!fits)
        {
            throw V1Refusal.Wrong(param, $"{sentence}.");
        }
    }

    [GeneratedRegex(@"\A[A-Za-z]{2,3}\z")]
    private static partial Regex Language();

    [GeneratedRegex(@"\Achunking_strategy\[(type|threshold|prefix_padding_ms|silence_duration_ms)\]\z")]
    private static partial Regex ChunkingPart();
}
