using System.Globalization;
using System.Numerics;
using Ledgerline.Usage.Recorded;
using Xunit;

namespace Tests.Usage;

/// <summary>Prices and sums to the last digit, held against whole numbers of any length.</summary>
public sealed class ExactCostTests
{
    [Theory]
    [InlineData("0.29", 1, 29)]
    [InlineData("0.05", 5, 25)]
    [InlineData("0.02", 45, 90)]
    [InlineData("0.005", 1, 1)]
    [InlineData("0.0049", 1, 0)]
    [InlineData("0.004999999999999999", 1, 0)]
    [InlineData("5.0", 1, 500)]
    [InlineData("0", 1000000, 0)]
    [InlineData("1000", 1000000, 100000000000)]
    [InlineData("999.999999999999999999", 1000000, 100000000000)]
    public void A_total_is_rounded_half_up_once(string price, long amount, long cents) =>
        Assert.Equal(cents, ExactCost.Of(decimal.Parse(price, CultureInfo.InvariantCulture), amount).Cents);

    [Fact]
    public void Ten_thousand_random_unit_prices_equal_exact_decimals()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var (sum, exactSum) = (new ExactCost(0), BigInteger.Zero);
        for (var i = 0; i < 10_000; i++)
        {
            var (text, exact) = RandomPrice(random);
            var amount = random.Next(4) == 0 ? random.NextInt64(1, ExactCost.LargestAmount + 1) : random.NextInt64(1, 100);
            var cost = ExactCost.Of(decimal.Parse(text, CultureInfo.InvariantCulture), amount);
            var total = exact * amount;
            Assert.True(Cents(total) == cost.Cents, $"Seed {seed}: {amount} × {text} came to {cost.Cents} cents instead of {Cents(total)}.");
            Assert.Equal(total, (new BigInteger(cost.Micro) * BigInteger.Pow(10, 12)) + cost.Rest);
            Assert.Equal(cost.Dollars, ExactCost.From(cost.Micro, cost.Rest).Dollars);
            Assert.Equal(decimal.Parse(text, CultureInfo.InvariantCulture), decimal.Parse(ExactCost.Text(decimal.Parse(text, CultureInfo.InvariantCulture)), CultureInfo.InvariantCulture));
            if (amount < 100)
            {
                (sum, exactSum) = (sum + cost, exactSum + total);
            }
        }

        Assert.True(Cents(exactSum) == sum.Cents, $"Seed {seed}: the sum is {sum.Cents} cents instead of {Cents(exactSum)}.");
    }

    [Theory]
    [InlineData("-0.01", 1)]
    [InlineData("1000.01", 1)]
    [InlineData("0.0000000000000000001", 1)]
    [InlineData("1", 0)]
    [InlineData("1", -1)]
    [InlineData("1", 1000001)]
    public void Nothing_costs_less_than_nothing_or_more_than_anything(string price, long amount) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ExactCost.Of(decimal.Parse(price, CultureInfo.InvariantCulture), amount));

    /// <summary>A price as text, and the same in 10^-18 dollars.</summary>
    internal static (string Text, BigInteger Exact) RandomPrice(Random random)
    {
        var digits = random.Next(0, ExactCost.FinestPrice + 1);
        var whole = random.Next(3) == 0 ? random.Next(0, 999) : 0;
        var fraction = digits == 0 ? "" : string.Concat(Enumerable.Range(0, digits).Select(_ => (char)('0' + random.Next(10))));
        return ($"{whole}{(digits > 0 ? "." : "")}{fraction}", BigInteger.Parse($"{whole}{fraction.PadRight(18, '0')}", CultureInfo.InvariantCulture));
    }

    /// <summary>10^-18 dollars as cents, half up.</summary>
    internal static long Cents(BigInteger atto) => (long)((atto + (BigInteger.Pow(10, 16) / 2)) / BigInteger.Pow(10, 16));
}
