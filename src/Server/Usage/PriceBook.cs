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

    /// <exception cref="InvalidOperationException">A price would sell something for nothing.</exception>
    public PriceBook(IEnumerable<AudioPrice> prices)
    {
        audio = prices.ToDictionary(price => price.Model, StringComparer.Ordinal);
        foreach (var price in audio.Values)
        {
            if (price.StepSeconds <= 0 || price.StepPrice.Micro <= 0 || price.CostMicroUsdPerSecond < 0)
            {
                throw new InvalidOperationException($"The price {price.Version} of {price.Model} would sell it for nothing.");
            }
        }
    }

    /// <summary>
    /// The book this product ships with: 1 credit for each started 15 seconds of what OpenAI sells, at OpenAI's list prices of
    /// $0.006 and $0.003 a minute. <paramref name="ownModel"/> is another one, such as a server of the operator's own, at what it
    /// costs him.
    /// </summary>
    public static PriceBook Default(string? ownModel = null, long? ownCostMicroUsdPerSecond = null, CallPrice? call = null) => new(
        new Dictionary<string, long>
        {
            ["whisper-1"] = 100,
            ["gpt-4o-transcribe"] = 100,
            ["gpt-4o-transcribe-diarize"] = 100,
            ["gpt-4o-mini-transcribe"] = 50,
        }
        .Where(price => ownCostMicroUsdPerSecond is null || price.Key != ownModel)
        .Concat(ownModel is not null && ownCostMicroUsdPerSecond is { } cost ? [new(ownModel, cost)] : [])
        .Select(price => new AudioPrice("2026-11", price.Key, Kernel.Unit.Credit, StepSeconds: 15, Credits.Whole(1), price.Value)))
    {
        Call = call ?? CallPrice.Default,
    };

    /// <exception cref="InvalidOperationException">Nothing is sold without a price.</exception>
    public AudioPrice Audio(string model) =>
        audio.GetValueOrDefault(model) ?? throw new InvalidOperationException($"Model {model} has no price.");

    /// <summary>A phone call's, for who pays it with credits.</summary>
    public CallPrice Call { get; init; } = CallPrice.Default;

    /// <summary>Every model that has a price.</summary>
    public IReadOnlyCollection<string> Models => audio.Keys;

    /// <summary>Whether the model can be sold.</summary>
    public bool Knows(string model) => audio.ContainsKey(model);

    /// <summary>max(1, ceil(seconds ÷ step)) steps.</summary>
    public static Credits PriceOf(AudioPrice price, decimal seconds)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(seconds, 0);
        var steps = Math.Max(1, (long)Math.Ceiling(seconds / price.StepSeconds));
        return new Credits(price.StepPrice.Micro * steps);
    }

    /// <summary>In millionths of a US dollar, rounded up.</summary>
    public static long CostOf(AudioPrice price, decimal seconds) => (long)Math.Ceiling(seconds * price.CostMicroUsdPerSecond);
}
