using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Usage;
using Xunit;

namespace Tests.Usage;

public sealed class VoicePriceTests
{
    // Text in 119 of which 64 are cached, audio in 13, text out 30, audio out 91.
    private static readonly VoiceUsage Golden = new("resp_A1", "gpt-realtime-2") { TextInput = 119, CachedText = 64, AudioInput = 13, TextOutput = 30, AudioOutput = 91 };

    [Fact]
    public void An_answer_costs_what_each_kind_of_its_tokens_costs_the_cached_ones_once()
    {
        var book = PriceBook.Default();
        // 55·4 + 64·0.40 + 13·32 + 30·24 + 91·64 = 7,205.6 millionths of a dollar, and 400 credits a dollar.
        Assert.Equal(7_206, book.CostOf(Golden));
        Assert.Equal(new Credits(2_882_240), book.PriceOf(Golden));
        Assert.Equal(new Credits(400 * (55 * 4 + 13 * 32 + 30 * 16 + 91 * 64) + 10_240), book.PriceOf(Golden with { Model = "gpt-realtime" }));
    }

    [Fact]
    public void No_more_is_cached_than_there_is()
    {
        var book = PriceBook.Default();
        Assert.Equal(
            book.PriceOf(Golden with { CachedText = 119 }), book.PriceOf(Golden with { CachedText = 1_000_000 }));
    }

    [Theory]
    [InlineData("whisper-1", 3, 200_000)]
    [InlineData("nobody-knows", 15, 1_000_000)]
    public void A_transcription_costs_its_part_of_a_step(string model, int seconds, long micro)
    {
        var book = PriceBook.Default();
        Assert.Equal(new Credits(micro), book.PriceOf(new VoiceUsage("item", model) { IsTranscription = true, Seconds = seconds }));
        Assert.Equal(new Credits(micro), book.PriceOf(new VoiceUsage("item", model) { IsTranscription = true, AudioInput = 10 * seconds }));
    }

    [Fact]
    public void An_operator_sets_own_prices()
    {
        var book = PriceBook.Default(ownVoicePrices: "my-voice=1/0.1/2/10/1/20, gpt-realtime=2/0.2/8/16/0.2/32");
        Assert.Equal(1_000_000 * 1 + 2_000_000 * 20, book.CostOf(new VoiceUsage("", "my-voice") { TextInput = 1_000_000, AudioOutput = 2_000_000 }));
        Assert.Equal(32, book.CostOf(new VoiceUsage("", "gpt-realtime") { AudioOutput = 1 }));
        Assert.Contains("gpt-realtime-mini", book.VoiceModels);
    }

    [Theory]
    [InlineData("gpt-realtime")]
    [InlineData("gpt-realtime=4/0.4/16")]
    [InlineData("gpt-realtime=4/0.4/16/32/0.4/64/1")]
    [InlineData("gpt-realtime=0/0/16/32/0.4/64")]
    [InlineData("gpt-realtime=4/5/16/32/0.4/64")]
    [InlineData("gpt-realtime=4/x/16/32/0.4/64")]
    [InlineData("=4/0.4/16/32/0.4/64")]
    public void A_price_that_makes_no_sense_stops_the_start(string setting) =>
        Assert.StartsWith("REALTIME_PRICES must list models", Assert.Throws<FormatException>(() => PriceBook.Default(ownVoicePrices: setting)).Message, StringComparison.Ordinal);
}
