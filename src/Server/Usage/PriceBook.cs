using Ledgerline.Ai;
using Ledgerline.Kernel;

namespace Ledgerline.Usage;

/// <summary>What a model costs the customer and what it costs us, from a day on.</summary>
/// <param name="StepSeconds">The customer pays per started step of so many seconds.</param>
/// <param name="StepPrice">The price of one step; at least one step is charged.</param>
/// <param name="CostMicroUsdPerSecond">What the provider charges a second, in millionths of a US dollar.</param>
public sealed record AudioPrice(
    string Version, string Model, string Unit, int StepSeconds, Credits StepPrice, long CostMicroUsdPerSecond);

/// <summary>Every price there is. Pure arithmetic: no clock, no database; rounding happens here and nowhere else.</summary>
public sealed class PriceBook
{
    private readonly Dictionary<string, AudioPrice> audio;
    private readonly Dictionary<string, TokenPrice> tokens;

    /// <exception cref="InvalidOperationException">A price would sell something for nothing.</exception>
    public PriceBook(IEnumerable<AudioPrice> prices, IEnumerable<TokenPrice>? tokenPrices = null)
    {
        audio = prices.ToDictionary(price => price.Model, StringComparer.Ordinal);
        tokens = (tokenPrices ?? []).ToDictionary(price => price.Model, StringComparer.Ordinal);
        foreach (var price in audio.Values)
        {
            if (price.StepSeconds <= 0 || price.StepPrice.Micro <= 0 || price.CostMicroUsdPerSecond < 0)
            {
                throw new InvalidOperationException($"The price {price.Version} of {price.Model} would sell it for nothing.");
            }
        }

        foreach (var price in tokens.Values.Where(price => !price.Credits.IsSound || price.Cost is { Input: < 0 } or { CachedInput: < 0 } or { Output: < 0 }))
        {
            throw new InvalidOperationException($"The price {price.Version} of {price.Model} would sell it for nothing.");
        }
    }

    /// <summary>
    /// The book this product ships with: 1 credit for each started 15 seconds of what OpenAI sells, at OpenAI's list prices of
    /// $0.006 and $0.003 a minute. <paramref name="ownModel"/> is another one, such as a server of the operator's own, at what it
    /// costs him. Tokens are sold at twice what Google and OpenAI list, and <paramref name="ownTokenPrices"/> and
    /// <paramref name="ownVoicePrices"/> as the operator says.
    /// </summary>
    public static PriceBook Default(
        string? ownModel = null, long? ownCostMicroUsdPerSecond = null, CallPrice? call = null, string? ownTokenPrices = null, string? ownVoicePrices = null) => new(
        new Dictionary<string, long>
        {
            ["whisper-1"] = 100,
            ["gpt-4o-transcribe"] = 100,
            ["gpt-4o-transcribe-diarize"] = 100,
            ["gpt-4o-mini-transcribe"] = 50,
        }
        .Where(price => ownCostMicroUsdPerSecond is null || price.Key != ownModel)
        .Concat(ownModel is not null && ownCostMicroUsdPerSecond is { } cost ? [new(ownModel, cost)] : [])
        .Select(price => new AudioPrice("2026-11", price.Key, Kernel.Unit.Credit, StepSeconds: 15, Credits.Whole(1), price.Value)),
        TokenPrices.Read(ownTokenPrices))
        {
            Call = call ?? CallPrice.Default,
            Voices = VoicePrices.Read(ownVoicePrices),
        };

    /// <exception cref="InvalidOperationException">Nothing is sold without a price.</exception>
    public AudioPrice Audio(string model) =>
        audio.GetValueOrDefault(model) ?? throw new InvalidOperationException($"Model {model} has no price.");

    /// <exception cref="InvalidOperationException">Nothing is sold without a price.</exception>
    public TokenPrice Tokens(string model) =>
        tokens.GetValueOrDefault(model) ?? throw new InvalidOperationException($"Model {model} has no price.");

    /// <summary>What models that speak charge for their tokens.</summary>
    public VoicePrices Voices { get; init; } = VoicePrices.Read(null);

    /// <summary>Every model that has a price for speech; those that only write down have one for what they hear beside it.</summary>
    public IEnumerable<string> VoiceModels => Voices.Models.Where(KnowsVoice);

    /// <summary>Whether the model can be sold by the tokens of speech.</summary>
    public bool KnowsVoice(string model) => !Knows(model) && Voices.Of(model) is not null;

    /// <summary>A phone call's, for who pays it with credits.</summary>
    public CallPrice Call { get; init; } = CallPrice.Default;

    /// <summary>Every model that has a price for seconds.</summary>
    public IReadOnlyCollection<string> Models => audio.Keys;

    /// <summary>Every model that has a price for tokens.</summary>
    public IReadOnlyCollection<string> ChatModels => tokens.Keys;

    /// <summary>Whether the model can be sold by the second.</summary>
    public bool Knows(string model) => audio.ContainsKey(model);

    /// <summary>Whether the model can be sold by the token.</summary>
    public bool KnowsTokens(string model) => tokens.ContainsKey(model);

    /// <summary>max(1, ceil(seconds ÷ step)) steps.</summary>
    public static Credits PriceOf(AudioPrice price, decimal seconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, 0);
        var steps = Math.Max(1, (long)Math.Ceiling(seconds / price.StepSeconds));
        return new Credits(price.StepPrice.Micro * steps);
    }

    /// <summary>In millionths of a US dollar, rounded up.</summary>
    public static long CostOf(AudioPrice price, decimal seconds) => (long)Math.Ceiling(seconds * price.CostMicroUsdPerSecond);

    /// <summary>What the customer pays for tokens.</summary>
    public static Credits PriceOf(TokenPrice price, TokenUsage usage) => new(price.Credits.Of(usage));

    /// <summary>The most that so many tokens can cost: nothing of the input was known.</summary>
    public static Credits MostOf(TokenPrice price, long inputTokens, long outputTokens) => PriceOf(price, new TokenUsage(inputTokens, 0, outputTokens));

    /// <summary>In millionths of a US dollar, rounded up.</summary>
    public static long CostOf(TokenPrice price, TokenUsage usage) => price.Cost.Of(usage);

    /// <summary>What the customer pays for an answer in speech, or for a transcription that goes with it.</summary>
    /// <exception cref="InvalidOperationException">Nothing is sold without a price.</exception>
    public Credits PriceOf(VoiceUsage usage)
    {
        if (Rates(usage) is { } rates)
        {
            return VoicePrices.Sold(rates.NanoUsd(usage));
        }

        var price = Writer(usage.Model);
        return new Credits((long)Math.Ceiling(price.StepPrice.Micro * Heard(usage) / price.StepSeconds));
    }

    /// <summary>In millionths of a US dollar, rounded up.</summary>
    /// <inheritdoc cref="PriceOf(VoiceUsage)"/>
    public long CostOf(VoiceUsage usage) => Rates(usage) is { } rates ? (rates.NanoUsd(usage) + 999) / 1000 : CostOf(Writer(usage.Model), Heard(usage));

    // Null for a transcription that is counted in seconds, or by a model that has no price for tokens.
    private VoiceRates? Rates(VoiceUsage usage) => usage is { IsTranscription: true, Seconds: not null } ? null
        : Voices.Of(usage.Model) ?? (usage.IsTranscription ? null : throw new InvalidOperationException($"Model {usage.Model} has no price."));

    // Where the provider names one that we do not sell, as the dearest.
    private AudioPrice Writer(string model) => audio.GetValueOrDefault(model) ?? audio.Values.MaxBy(price => price.CostMicroUsdPerSecond)!;

    // Ten tokens are a second of what is heard.
    private static decimal Heard(VoiceUsage usage) => usage.Seconds ?? usage.AudioInput / 10m;
}
