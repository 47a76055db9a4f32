using System.Text;
using Ledgerline.Providers.Stripe;
using Xunit;

namespace Tests.Billing;

public sealed class StripeSignatureTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1763625600);
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"id":"evt_1"}""");

    [Fact]
    public void Any_secret_may_have_signed_and_any_v1_may_match()
    {
        var header = Shop.Signature(Encoding.UTF8.GetString(Body), "new", Now);
        Assert.True(StripeSignature.Verify(Body, header, ["old", "new"], Now));
        var (time, v1) = (header.Split(',')[0], header.Split(',')[1]);
        Assert.True(StripeSignature.Verify(Body, $"{time}, v1={new string('0', 64)} , v0=ab, {v1}, x", ["new"], Now));
        Assert.False(StripeSignature.Verify(Body, $"{time},{v1.Replace("v1=", "v0=", StringComparison.Ordinal)}", ["new"], Now));
    }

    [Theory]
    [InlineData(-300, true)]
    [InlineData(300, true)]
    [InlineData(-301, false)]
    [InlineData(301, false)]
    public void Five_minutes_either_way_are_allowed(int seconds, bool genuine)
    {
        var header = Shop.Signature(Encoding.UTF8.GetString(Body), "secret", Now.AddSeconds(seconds));
        Assert.Equal(genuine, StripeSignature.Verify(Body, header, ["secret"], Now));
    }

    [Fact]
    public void An_empty_secret_signs_nothing()
    {
        var header = Shop.Signature(Encoding.UTF8.GetString(Body), "", Now);
        Assert.False(StripeSignature.Verify(Body, header, [""], Now));
        Assert.False(StripeSignature.Verify(Body, header, ["", "secret"], Now));
        Assert.False(StripeSignature.Verify(Body, header, [], Now));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(",,,")]
    [InlineData("t=")]
    [InlineData("t=1763625600")]
    [InlineData("t=1763625600,v1=")]
    [InlineData("t=1763625600,v1=zz")]
    [InlineData("t=-1,v1=00")]
    [InlineData("t=99999999999999999999,v1=00")]
    [InlineData("t=9223372036854775807,v1=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("v1=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("t=1763625600,v1=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("t=1763625600,v1=०००0000000000000000000000000000000000000000000000000000000000000")]
    public void Nonsense_is_no_signature(string? header) => Assert.False(StripeSignature.Verify(Body, header, ["secret"], Now));
}
