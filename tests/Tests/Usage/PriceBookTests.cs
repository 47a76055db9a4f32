using System.Globalization;
using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Ledgerline.Kernel;
using Ledgerline.Usage;
using Xunit;

namespace Tests.Usage;

/// <summary>Pure arithmetic: every price is exact and never nothing.</summary>
public sealed class PriceBookTests
{
    private static readonly AudioPrice Whisper = PriceBook.Default().Audio("whisper-1");

    [Theory]
    [InlineData("0", 1)]
    [InlineData("0.0000001", 1)]
    [InlineData("0.1", 1)]
    [InlineData("14.9999999", 1)]
    [InlineData("15.0", 1)]
    [InlineData("15.0000001", 2)]
    [InlineData("15.01", 2)]
    [InlineData("30", 2)]
    [InlineData("31.0", 3)]
    [InlineData("600", 40)]
    [InlineData("86400", 5760)]
    public void A_credit_for_each_started_quarter_of_a_minute(string seconds, long credits) =>
        Assert.Equal(Credits.Whole(credits), PriceBook.PriceOf(Whisper, Exact(seconds)));

    [Fact]
    public void A_negative_length_has_no_price()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => PriceBook.PriceOf(Whisper, -0.1m));
        Assert.Equal(Credits.Whole(1), PriceBook.PriceOf(Whisper, new decimal(0, 0, 0, isNegative: true, scale: 0)));
    }

    [Fact]
    public void The_price_of_ticks_is_their_exact_fraction_rounded_up() => Prop.ForAll(
        ArbMap.Default.ArbFor<long>().Generator.Select(ticks => Math.Abs(ticks % (86_400L * 10_000_000))).ToArbitrary(),
        ticks =>
        {
            var seconds = ticks / 10_000_000m;
            var steps = BigInteger.Max(1, (ticks + 150_000_000 - 1) / (BigInteger)150_000_000);
            return PriceBook.PriceOf(Whisper, seconds).Micro == steps * 1_000_000
                && PriceBook.CostOf(Whisper, seconds) == (ticks * (BigInteger)100 + 9_999_999) / 10_000_000;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(0, 1_000_000, 100)]
    [InlineData(-15, 1_000_000, 100)]
    [InlineData(15, 0, 100)]
    [InlineData(15, -1, 100)]
    [InlineData(15, 1_000_000, -1)]
    public void A_price_that_gives_something_away_is_none(int step, long micro, long cost) =>
        Assert.Throws<InvalidOperationException>(() => new PriceBook([new AudioPrice("v", "m", Unit.Credit, step, new Credits(micro), cost)]));

    [Fact]
    public void Every_model_that_is_known_yields_more_than_nothing()
    {
        var book = PriceBook.Default("own", 7);
        foreach (var model in new[] { "whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gpt-4o-transcribe-diarize", "own" })
        {
            Assert.True(book.Knows(model));
            Assert.True(PriceBook.PriceOf(book.Audio(model), 0).Micro > 0);
        }

        Assert.Equal(7, PriceBook.CostOf(book.Audio("own"), 1));
        Assert.Equal(9, PriceBook.CostOf(PriceBook.Default("whisper-1", 9).Audio("whisper-1"), 1));
        Assert.False(book.Knows("gpt-6"));
        Assert.Throws<InvalidOperationException>(() => book.Audio("gpt-6"));
    }

    private static decimal Exact(string text) => decimal.Parse(text, CultureInfo.InvariantCulture);
}
