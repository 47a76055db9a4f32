using System.Globalization;

namespace Ledgerline.Usage.Recorded;

/// <summary>What so many units cost, in US dollars to the last digit. Rounding to cents happens here, half up and once; sums are of what is exact.</summary>
public readonly record struct ExactCost(decimal Dollars)
{
    /// <summary>Of one unit, in US dollars.</summary>
    public const decimal LargestPrice = 1000;

    /// <summary>Digits after the point of a unit's price.</summary>
    public const int FinestPrice = 18;

    /// <summary>Units in one record.</summary>
    public const long LargestAmount = 1_000_000;

    private const decimal MicroPerDollar = 1_000_000;
    private const decimal RestPerMicro = 1_000_000_000_000;

    /// <exception cref="ArgumentOutOfRangeException">The price or the amount is none that anything may have.</exception>
    public static ExactCost Of(decimal unitPrice, long amount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(amount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(amount, LargestAmount);
        return IsPrice(unitPrice)
            ? new ExactCost(unitPrice * amount)
            : throw new ArgumentOutOfRangeException(nameof(unitPrice), "A unit's price is from 0 to 1000 dollars with at most 18 digits after the point.");
    }

    /// <summary>Whether a unit may cost that much.</summary>
    public static bool IsPrice(decimal dollars) => dollars is >= 0 and <= LargestPrice && Plain(dollars).Scale <= FinestPrice;

    /// <summary>The price without zeros at its end.</summary>
    public static decimal Plain(decimal dollars) => dollars / 1.0000000000000000000000000000m;

    /// <summary>A price as text: every digit, no exponent.</summary>
    public static string Text(decimal dollars) => Plain(dollars).ToString(CultureInfo.InvariantCulture);

    /// <summary>Rounded half up.</summary>
    public long Cents => (long)(decimal.Round(Dollars, 2, MidpointRounding.AwayFromZero) * 100);

    /// <summary>Whole millionths of a dollar.</summary>
    public long Micro => (long)(decimal.Truncate(Dollars) * MicroPerDollar) + (long)(Fraction * MicroPerDollar);

    /// <summary>What the millionths leave, in 10^-18 dollars.</summary>
    public long Rest => (long)((Fraction * MicroPerDollar % 1) * RestPerMicro);

    private decimal Fraction => Dollars - decimal.Truncate(Dollars);

    /// <summary>The sum of what was kept in two parts.</summary>
    public static ExactCost From(long micro, long rest) => new((micro / MicroPerDollar) + (rest / MicroPerDollar / RestPerMicro));

    public static ExactCost operator +(ExactCost a, ExactCost b) => new(a.Dollars + b.Dollars);
}
