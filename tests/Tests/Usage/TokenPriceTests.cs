using System.Numerics;
using FsCheck;
using FsCheck.Fluent;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Usage;
using Xunit;

namespace Tests.Usage;

/// <summary>What tokens cost: exactly, rounded up once, and never nothing.</summary>
public sealed class TokenPriceTests
{
    private static readonly TokenPrice Flash = PriceBook.Default().Tokens("gemini-2.5-flash");

    // 120, 12 and 1,000 credits a million of input, cached input and output.
    [Theory]
    [InlineData(1_000_000, 0, 0, 120_000_000)]
    [InlineData(1_000_000, 1_000_000, 0, 12_000_000)]
    [InlineData(1_000_000, 400_000, 0, 72_000_000 + 4_800_000)]
    [InlineData(0, 0, 1_000_000, 1_000_000_000)]
    [InlineData(31, 0, 49, 3_720 + 49_000)]
    [InlineData(1, 0, 0, 120)]
    [InlineData(0, 0, 0, 0)]
    public void Cached_input_is_a_part_of_the_input(long input, long cached, long output, long micro)
    {
        Assert.Equal(new Credits(micro), PriceBook.PriceOf(Flash, new TokenUsage(input, cached, output)));
        // The house sells at 400 credits for each dollar that it pays.
        Assert.Equal((micro + 399) / 400, PriceBook.CostOf(Flash, new TokenUsage(input, cached, output)));
    }

    [Fact]
    public void The_price_is_the_exact_fraction_rounded_up() => Prop.ForAll(
        ArbMap.Default.ArbFor<(int Input, int Cached, int Output, int Rate, int Other)>(),
        of =>
        {
            var (input, output) = ((long)Math.Abs((long)of.Input), (long)Math.Abs((long)of.Output));
            var cached = input == 0 ? 0 : Math.Abs((long)of.Cached) % input;
            var rates = new TokenRates(Math.Abs((long)of.Rate) + 1, Math.Abs((long)of.Rate) / 3, Math.Abs((long)of.Other) + 1);
            var sum = (BigInteger)(input - cached) * rates.Input + (BigInteger)cached * rates.CachedInput + (BigInteger)output * rates.Output;
            return rates.Of(new TokenUsage(input, cached, output)) == (sum + 999_999) / 1_000_000;
        }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(-1, 0, 0)]
    [InlineData(5, 6, 0)]
    [InlineData(5, -1, 0)]
    [InlineData(5, 0, -1)]
    public void What_is_no_usage_has_no_price(long input, long cached, long output) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => PriceBook.PriceOf(Flash, new TokenUsage(input, cached, output)));

    [Fact]
    public void What_cannot_be_counted_is_no_small_number() =>
        Assert.Throws<OverflowException>(() => PriceBook.PriceOf(Flash, new TokenUsage(long.MaxValue, 0, long.MaxValue)));

    [Fact]
    public void Every_model_that_is_known_is_sold_above_its_cost()
    {
        var book = PriceBook.Default();
        Assert.Contains("gpt-5-mini", book.ChatModels);
        foreach (var price in book.ChatModels.Select(book.Tokens))
        {
            Assert.Equal(price.Cost * 400, price.Credits);
            Assert.True(PriceBook.MostOf(price, 1, 1).Micro > 0);
        }

        Assert.False(book.KnowsTokens("whisper-1"));
        Assert.False(book.Knows("gpt-5-mini"));
        Assert.Throws<InvalidOperationException>(() => book.Tokens("gpt-9"));
    }

    [Fact]
    public void An_operator_prices_models_of_his_own()
    {
        var book = PriceBook.Default(ownTokenPrices: "llama-3.3=0.05/0.05/0.2, gemini-2.5-flash=0.1234567/0/1 ,free:8b=0/0/0@40/4/80");

        Assert.Equal(new TokenRates(50_000, 50_000, 200_000), book.Tokens("llama-3.3").Cost);
        Assert.Equal(new TokenRates(20_000_000, 20_000_000, 80_000_000), book.Tokens("llama-3.3").Credits);
        // Rounded up: a cost that is shown too low would hide a loss.
        Assert.Equal(123_457, book.Tokens("gemini-2.5-flash").Cost.Input);
        Assert.Equal((new TokenRates(0, 0, 0), new TokenRates(40_000_000, 4_000_000, 80_000_000)), (book.Tokens("free:8b").Cost, book.Tokens("free:8b").Credits));
    }

    [Theory]
    [InlineData("llama")]
    [InlineData("=1/1/1")]
    [InlineData("llama=1/1")]
    [InlineData("llama=1/1/1/1")]
    [InlineData("llama=1/2/1")]
    [InlineData("llama=0/0/0")]
    [InlineData("llama=1/0/0")]
    [InlineData("llama=1/0/1@0/0/0")]
    [InlineData("llama=1/0/1@1/1")]
    [InlineData("llama=1/0/1@1/1/1@1/1/1")]
    [InlineData("llama=-1/0/1")]
    [InlineData("llama=1e3/0/1")]
    [InlineData("llama=cheap/0/1")]
    [InlineData("llama=100001/0/1")]
    public void A_price_that_cannot_be_read_or_gives_something_away_is_none(string setting) =>
        Assert.StartsWith("CHAT_PRICES must list models as ", Assert.Throws<FormatException>(() => PriceBook.Default(ownTokenPrices: setting)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_book_refuses_a_price_that_gives_something_away() => Assert.Throws<InvalidOperationException>(
        () => new PriceBook([], [new TokenPrice("v", "m", Unit.Credit, new TokenRates(1, 1, 0), new TokenRates(1, 1, 1))]));
}
