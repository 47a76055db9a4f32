using Ledgerline.Ai;

namespace Ledgerline.Usage;

/// <summary>What a model's tokens cost the customer and what they cost us, from a day on.</summary>
/// <param name="Credits">In micro-credits.</param>
/// <param name="Cost">What the provider charges, in millionths of a US dollar.</param>
public sealed record TokenPrice(string Version, string Model, string Unit, TokenRates Credits, TokenRates Cost)
{
    /// <summary>Micro-credits for a millionth of a dollar: twice the provider's price where a credit is cheapest, at half a cent.</summary>
    internal const long CreditsPerDollar = 400;

    /// <summary>At the house's margin over what the provider charges.</summary>
    public static TokenPrice Of(string version, string model, TokenRates cost) => new(version, model, Kernel.Unit.Credit, cost * CreditsPerDollar, cost);
}

/// <summary>What a million tokens cost, in millionths of whatever it is counted in.</summary>
/// <param name="CachedInput">Of the input that the provider knew already.</param>
public readonly record struct TokenRates(long Input, long CachedInput, long Output)
{
    private const long Million = 1_000_000;

    /// <summary>A model that is sold at this is not given away, and to know the input does not make it dearer.</summary>
    public bool IsSound => Input > 0 && Output > 0 && CachedInput >= 0 && CachedInput <= Input;

    /// <summary>Rounded up once, to the smallest unit there is.</summary>
    public long Of(TokenUsage usage)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(usage.CachedInput);
        ArgumentOutOfRangeException.ThrowIfLessThan(usage.Input, usage.CachedInput);
        ArgumentOutOfRangeException.ThrowIfNegative(usage.Output);
        var sum = (Int128)(usage.Input - usage.CachedInput) * Input + (Int128)usage.CachedInput * CachedInput + (Int128)usage.Output * Output;
        return (long)((sum + Million - 1) / Million);
    }

    public static TokenRates operator *(TokenRates rates, long times) => new(rates.Input * times, rates.CachedInput * times, rates.Output * times);
}
