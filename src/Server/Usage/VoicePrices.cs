using System.Globalization;
using Ledgerline.Ai;
using Ledgerline.Kernel;

namespace Ledgerline.Usage;

/// <summary>What a model that speaks charges us for a million tokens, in millionths of a US dollar.</summary>
public sealed record VoiceRates(long TextInput, long CachedText, long TextOutput, long AudioInput, long CachedAudio, long AudioOutput)
{
    /// <summary>A model that is sold at this is not given away, and to know the input does not make it dearer.</summary>
    public bool IsSound => TextInput > 0 && TextOutput > 0 && AudioInput > 0 && AudioOutput > 0
        && CachedText is >= 0 && CachedText <= TextInput && CachedAudio is >= 0 && CachedAudio <= AudioInput;

    /// <summary>Exact, in billionths of a US dollar. What is cached is part of the input; a picture costs what so much text does.</summary>
    public long NanoUsd(VoiceUsage usage) => Nano(
        Fresh(usage.ImageInput, usage.CachedImage) * TextInput + Cached(usage.ImageInput, usage.CachedImage) * CachedText + Fresh(usage.TextInput, usage.CachedText) * TextInput + Cached(usage.TextInput, usage.CachedText) * CachedText + usage.TextOutput * TextOutput
        + Fresh(usage.AudioInput, usage.CachedAudio) * AudioInput + Cached(usage.AudioInput, usage.CachedAudio) * CachedAudio + usage.AudioOutput * AudioOutput);

    private static long Cached(long all, long cached) => Math.Clamp(cached, 0, all);

    private static long Fresh(long all, long cached) => all - Cached(all, cached);

    // Millionths a million tokens are billionths a thousand tokens; rounded up where a price is finer than that.
    private static long Nano(long millionths) => (millionths + 999) / 1000;
}

/// <summary>The prices of models that speak: those this product ships with, and the operator's own. A model without one is not opened.</summary>
public sealed class VoicePrices
{
    public const string Setting = "REALTIME_PRICES";

    /// <summary>Since when the list is good.</summary>
    public const string Version = "2026-11";

    private const decimal Dearest = 100_000;

    // A transcription beside a session is billed by the tokens of its own model.
    private static readonly Dictionary<string, VoiceRates> ListPrices = new()
    {
        ["gpt-realtime"] = new(4_000_000, 400_000, 16_000_000, 32_000_000, 400_000, 64_000_000),
        ["gpt-realtime-1.5"] = new(4_000_000, 400_000, 16_000_000, 32_000_000, 400_000, 64_000_000),
        ["gpt-realtime-2"] = new(4_000_000, 400_000, 24_000_000, 32_000_000, 400_000, 64_000_000),
        ["gpt-realtime-2.1"] = new(4_000_000, 400_000, 24_000_000, 32_000_000, 400_000, 64_000_000),
        ["gpt-realtime-mini"] = new(600_000, 60_000, 2_400_000, 10_000_000, 300_000, 20_000_000),
        ["gpt-realtime-2.1-mini"] = new(600_000, 60_000, 2_400_000, 10_000_000, 300_000, 20_000_000),
        ["gpt-4o-mini-transcribe"] = new(1_250_000, 1_250_000, 5_000_000, 3_000_000, 3_000_000, 5_000_000),
        ["gpt-4o-transcribe"] = new(2_500_000, 2_500_000, 10_000_000, 6_000_000, 6_000_000, 10_000_000),
    };

    private readonly IReadOnlyDictionary<string, VoiceRates> prices;

    private VoicePrices(IReadOnlyDictionary<string, VoiceRates> prices) => this.prices = prices;

    /// <summary>
    /// The list, and what the operator says instead or besides: <c>model=4/0.40/16/32/0.40/64</c>, in US dollars a million tokens of text
    /// input, cached text, text output, audio input, cached audio and audio output; several with commas between them.
    /// </summary>
    /// <exception cref="FormatException">It cannot be read, or would give a model away.</exception>
    public static VoicePrices Read(string? setting)
    {
        var prices = new Dictionary<string, VoiceRates>(ListPrices, StringComparer.Ordinal);
        foreach (var entry in setting?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            var split = entry.LastIndexOf('=');
            var rates = split <= 0 ? null : Rates(entry[(split + 1)..]);
            prices[entry[..Math.Max(0, split)].Trim()] = rates is { IsSound: true } ? rates : throw new FormatException(
                $"{Setting} must list models as name=4/0.40/16/32/0.40/64: US dollars for a million tokens of text in, cached, out, then of audio in, cached, out.");
        }

        return new VoicePrices(prices);
    }

    /// <summary>Every model that is priced by name.</summary>
    public IEnumerable<string> Models => prices.Keys;

    /// <summary>At the house's margin over what the provider charges.</summary>
    internal static Credits Sold(long nanoUsd) => new((nanoUsd * TokenPrice.CreditsPerDollar + 999) / 1000);

    /// <summary>Null for a model that nobody has priced; a dated snapshot costs what its model does.</summary>
    public VoiceRates? Of(string model) =>
        prices.TryGetValue(model, out var rates) || model.Length > "-2026-01-01".Length && prices.TryGetValue(model[..^"-2026-01-01".Length], out rates) ? rates : null;

    private static VoiceRates? Rates(string text)
    {
        var parts = text.Split('/').Select(Millionths).ToList();
        return parts is [{ } a, { } b, { } c, { } d, { } e, { } f] ? new VoiceRates(a, b, c, d, e, f) : null;
    }

    private static long? Millionths(string text) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount <= Dearest
            ? (long)Math.Ceiling(amount * 1_000_000)
            : null;
}
