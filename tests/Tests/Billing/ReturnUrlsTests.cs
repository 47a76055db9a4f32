using Ledgerline.Billing;
using Ledgerline.Http;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace Tests.Billing;

public sealed class ReturnUrlsTests
{
    private static readonly ReturnUrls Urls = new(new AllowedOrigins(new ConfigurationBuilder().AddInMemoryCollection(
        [KeyValuePair.Create("ALLOWED_ORIGINS", (string?)"http://localhost:5173, https://Chotto.Voice/ ,https://app.example:8443")]).Build()));

    [Theory]
    [InlineData("chotto-voice://payment/success")]
    [InlineData("CHOTTO-VOICE://payment/success?plan=pro#top")]
    [InlineData("chotto-voice:done")]
    [InlineData("http://localhost:5173/scheduled?x=1")]
    [InlineData("https://chotto.voice")]
    [InlineData("https://chotto.voice:443/ok")]
    [InlineData("https://CHOTTO.voice/ok")]
    [InlineData("https://app.example:8443/")]
    public void The_app_and_the_allowed_origins_pass(string url) => Assert.True(Urls.Allows(url));

    [Theory]
    [InlineData("http://localhost/")]
    [InlineData("http://localhost:51730/")]
    [InlineData("https://localhost:5173/")]
    [InlineData("http://chotto.voice/")]
    [InlineData("https://app.example/")]
    [InlineData("https://xchotto.voice/")]
    [InlineData("https://chotto.voice./")]
    [InlineData("https://chotto.voice\\@evil.com/")]
    [InlineData("https:\\\\chotto.voice\\")]
    [InlineData("https://evil.com\\.chotto.voice/")]
    [InlineData("https://chotto.voice%2eevil.com/")]
    [InlineData("https://evil.com#https://chotto.voice")]
    [InlineData("https://evil.com?https://chotto.voice")]
    [InlineData("https:chotto.voice.evil.com")]
    [InlineData(" https://chotto.voice/")]
    [InlineData("https://chotto.voice/\r\nX: y")]
    [InlineData("https://chotto.voice/\u0000")]
    [InlineData("https://chottö.voice/")]
    [InlineData("chotto-voice")]
    [InlineData("chotto-voices://x")]
    [InlineData("chotto-voice+https://evil.com")]
    [InlineData("javascript://chotto.voice/%0aalert(1)")]
    [InlineData("data:text/html,x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("null")]
    [InlineData("*")]
    public void Anything_else_does_not(string url) => Assert.False(Urls.Allows(url));

    [Fact]
    public void A_very_long_address_does_not() => Assert.False(Urls.Allows("https://chotto.voice/" + new string('a', 2000)));

    [Theory]
    [InlineData("chotto-voice://payment/success", "chotto-voice://payment/success?session_id={CHECKOUT_SESSION_ID}")]
    [InlineData("https://chotto.voice/ok?plan=pro", "https://chotto.voice/ok?plan=pro&session_id={CHECKOUT_SESSION_ID}")]
    [InlineData("https://chotto.voice/ok#top", "https://chotto.voice/ok?session_id={CHECKOUT_SESSION_ID}#top")]
    [InlineData("https://chotto.voice/ok?a=b#top?x", "https://chotto.voice/ok?a=b&session_id={CHECKOUT_SESSION_ID}#top?x")]
    [InlineData("https://chotto.voice/?", "https://chotto.voice/?session_id={CHECKOUT_SESSION_ID}")]
    [InlineData("https://chotto.voice/?a&", "https://chotto.voice/?a&session_id={CHECKOUT_SESSION_ID}")]
    public void The_session_goes_behind_any_query_and_before_any_fragment(string url, string expected) =>
        Assert.Equal(expected, ReturnUrls.WithSessionId(url));
}
