using System.Globalization;
using Ledgerline.Kernel;

namespace Ledgerline.Usage;

/// <summary>The prices of models that chat: those this product ships with, and the operator's own.</summary>
internal static class TokenPrices
{
    public const string Setting = "CHAT_PRICES";

    private const string Version = "2026-11";
    private const decimal Dearest = 100_000;
    private const long Million = 1_000_000;

    private static readonly Dictionary<string, TokenRates> ListPrices = new()
    {
        ["gemini-2.5-flash"] = new(300_000, 30_000, 2_500_000),
        ["gemini-2.5-flash-lite"] = new(100_000, 10_000, 400_000),
        ["gpt-4.1"] = new(2_000_000, 500_000, 8_000_000),
        ["gpt-4.1-mini"] = new(400_000, 100_000, 1_600_000),
        ["gpt-4.1-nano"] = new(100_000, 25_000, 400_000),
        ["gpt-4o"] = new(2_500_000, 1_250_000, 10_000_000),
        ["gpt-4o-mini"] = new(150_000, 75_000, 600_000),
        ["gpt-5"] = new(1_250_000, 125_000, 10_000_000),
        ["gpt-5-mini"] = new(250_000, 25_000, 2_000_000),
        ["gpt-5-nano"] = new(50_000, 5_000, 400_000),
    };

    /// <summary>
    /// What the providers list, and what the operator says instead or besides:
    /// <c>model=input/cached/output</c> in US dollars a million tokens, and after <c>@</c> the same in credits where the house's margin
    /// is not the one that is wanted; several with commas between them.
    /// </summary>
    /// <exception cref="FormatException">The setting cannot be read, or would sell a model for nothing.</exception>
    public static IReadOnlyList<TokenPrice> Read(string? setting)
    {
        var prices = ListPrices.ToDictionary(price => price.Key, price => TokenPrice.Of(Version, price.Key, price.Value), StringComparer.Ordinal);
        foreach (var entry in setting?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [])
        {
            var price = Own(entry) ?? throw new FormatException(
                $"{Setting} must list models as name=0.30/0.03/2.50, in US dollars for a million tokens of input, cached input and output, and where the price "
                + "shall be another than twice the cost @120/12/1000 behind it, in credits; a model that costs nothing needs those.");
            prices[price.Model] = price;
        }

        return [.. prices.Values.OrderBy(price => price.Model, StringComparer.Ordinal)];
    }

    private static TokenPrice? Own(string entry)
    {
        if (entry.LastIndexOf('=') is var split && split <= 0)
        {
            return null;
        }

        var (model, rates) = (entry[..split].Trim(), entry[(split + 1)..].Split('@'));
        return rates.Length > 2 || Rates(rates[0]) is not { } cost ? null
            : rates.Length == 1 ? Sound(TokenPrice.Of(Version, model, cost))
            : Rates(rates[1]) is { } credits ? Sound(new TokenPrice(Version, model, Unit.Credit, credits, cost))
            : null;
    }

    private static TokenPrice? Sound(TokenPrice price) => price.Credits.IsSound ? price : null;

    // Rounded up to the smallest unit: a cost that is shown too low would hide a loss.
    private static TokenRates? Rates(string text) =>
        text.Split('/') is [var input, var cached, var output] && Millionths(input) is { } a && Millionths(cached) is { } b && Millionths(output) is { } c
            ? new TokenRates(a, b, c)
            : null;

    private static long? Millionths(string text) =>
        decimal.TryParse(text.Trim(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) && amount <= Dearest
            ? (long)Math.Ceiling(amount * Million)
            : null;
}
