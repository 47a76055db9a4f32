using System.Globalization;

namespace Ledgerline.Usage;

/// <summary>The prices of models that speak: those this product ships with, and the operator's own.</summary>
internal static class VoicePrices
{
    public const string Setting = "VOICE_PRICES";

    private const string Version = "2026-11";
    private const decimal Dearest = 100_000;
    private const long Million = 1_000_000;

    private static readonly VoiceRates Large = new(new(4_000_000, 400_000, 16_000_000), new(32_000_000, 400_000, 64_000_000), new(5_000_000, 500_000, 0));
    private static readonly VoiceRates Small = new(new(600_000, 60_000, 2_400_000), new(10_000_000, 300_000, 20_000_000), new(800_000, 80_000, 0));

    private static readonly Dictionary<string, VoiceRates> ListPrices = new()
    {
        ["gpt-realtime"] = Large,
        ["gpt-realtime-1.5"] = Large,
        ["gpt-realtime-2"] = Large with { Text = new(4_000_000, 400_000, 24_000_000) },
        ["gpt-realtime-mini"] = Small,
        ["gpt-realtime-2.1-mini"] = Small,
    };

    /// <summary>
    /// What the provider lists, and what the operator says instead or besides: <c>model=text/cached/out/audio/cached/out</c> in US dollars a
    /// million tokens, several with commas between them. A picture's tokens cost what a text's cost.
    /// </summary>
    /// <exception cref="FormatException">The setting cannot be read, or would sell a model for nothing.</exception>
    public static IReadOnlyList<VoicePrice> Read(string? setting)
    {
        var prices = ListPrices.ToDictionary(price => price.Key, price => price.Value, StringComparer.Ordinal);
        foreach (var entry in setting?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            var (model, rates) = Own(entry) ?? throw new FormatException(
                $"{Setting} must list models as name=4/0.40/16/32/0.40/64, in US dollars for a million tokens of text heard, cached and said, and of audio heard, cached "
                + "and said; none but the cached ones may be 0.");
            prices[model] = rates;
        }

        return [.. prices.Select(price => VoicePrice.Of(Version, price.Key, price.Value)).OrderBy(price => price.Model, StringComparer.Ordinal)];
    }

    private static (string Model, VoiceRates Rates)? Own(string entry)
    {
        if (entry.LastIndexOf('=') is not (> 0 and var split))
        {
            return null;
        }

        var numbers = entry[(split + 1)..].Split('/').Select(Millionths).OfType<long>().ToList();
        if (numbers is not [var textIn, var textCached, var textOut, var audioIn, var audioCached, var audioOut] || entry.Count(letter => letter == '/') != 5)
        {
            return null;
        }

        var rates = new VoiceRates(new(textIn, textCached, textOut), new(audioIn, audioCached, audioOut), new(textIn, textCached, 0));
        return rates.IsSound ? (entry[..split].Trim(), rates) : null;
    }

    // Rounded up to the smallest unit: a cost that is shown too low would hide a loss.
    private static long? Millionths(string text) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount <= Dearest
            ? (long)Math.Ceiling(amount * Million)
            : null;
}
