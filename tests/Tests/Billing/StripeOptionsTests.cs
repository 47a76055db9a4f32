using Ledgerline.Billing;
using Ledgerline.Providers.Stripe;
using Ledgerline.Providers.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Tests.Billing;

public sealed class StripeOptionsTests
{
    [Theory]
    [InlineData("STRIPE_SECRET_KEY=sk_live_1", "STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRET")]
    [InlineData("STRIPE_SECRET_KEY=sk_live_1;STRIPE_WEBHOOK_SECRET= , ,", "STRIPE_SECRET_KEY is set without STRIPE_WEBHOOK_SECRET")]
    [InlineData("STRIPE_WEBHOOK_SECRET=whsec_1", "STRIPE_WEBHOOK_SECRET is set without STRIPE_SECRET_KEY")]
    [InlineData("STRIPE_SECRET_KEY=sk_test_sandbox;STRIPE_WEBHOOK_SECRET=whsec_1", "STRIPE_SECRET_KEY is the sandbox's")]
    [InlineData("STRIPE_SECRET_KEY=sk_live_1;STRIPE_WEBHOOK_SECRET=whsec_1,whsec_sandbox", "STRIPE_WEBHOOK_SECRET is the sandbox's")]
    public void Production_refuses_half_of_Stripe_and_the_sandboxs_secrets(string settings, string sentence)
    {
        Assert.StartsWith(sentence, Read("Production", settings).Fault, StringComparison.Ordinal);
        Assert.Null(Read("Development", settings).Fault);
    }

    [Fact]
    public void Production_without_Stripe_has_payments_switched_off()
    {
        var options = Read("Production", "");
        Assert.Null(options.Fault);
        Assert.Null(options.SecretKey);
        Assert.True(options.Credits.IsOff && options.Payments.IsOff && options.Chat.IsOff);
    }

    [Fact]
    public void Production_with_Stripe_reaches_Stripe()
    {
        var options = Read("Production", "STRIPE_SECRET_KEY=sk_live_1;STRIPE_WEBHOOK_SECRET=whsec_1,whsec_2;STRIPE_WEBHOOK_SECRET_CHAT=whsec_3");
        Assert.Equal(("https://api.stripe.com", "2026-08-26.dahlia", true), (options.BaseAddress, options.ApiVersion, options.IsLive));
        Assert.Null(options.Fault);
        Assert.Equal(["whsec_1", "whsec_2"], options.Credits.Secrets);
        Assert.Equal(["whsec_3"], options.Chat.Secrets);
        Assert.False(options.Credits.TakesUnsignedTests);
        Assert.False(Read("Production", "STRIPE_SECRET_KEY=rk_test_live_1;STRIPE_WEBHOOK_SECRET=whsec_1").IsLive);
    }

    [Fact]
    public void Development_plays_with_the_sandbox_until_a_key_is_set()
    {
        var sandboxed = Read("Development", "SANDBOX_URL=http://127.0.0.1:7/");
        Assert.Equal(("sk_test_sandbox", "http://127.0.0.1:7/stripe"), (sandboxed.SecretKey, sandboxed.BaseAddress));
        Assert.Equal(["whsec_sandbox"], sandboxed.Credits.Secrets);

        var own = Read("Development", "STRIPE_SECRET_KEY=sk_test_1");
        Assert.Equal("https://api.stripe.com", own.BaseAddress);
        Assert.Empty(own.Credits.Secrets);

        var signed = Read("Development", "STRIPE_WEBHOOK_SECRET=whsec_own");
        Assert.Equal(["whsec_own"], signed.Credits.Secrets);
        Assert.False(signed.Credits.TakesUnsignedTests);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("many")]
    [InlineData("99999999999999999999")]
    public void Free_credits_are_a_whole_number(string setting) =>
        Assert.StartsWith("FREE_CREDITS must be", Assert.Throws<FormatException>(() => BillingOptions.Read(Settings("Production", $"FREE_CREDITS={setting}"))).Message, StringComparison.Ordinal);

    private static StripeOptions Read(string environment, string settings) => StripeOptions.Read(Settings(environment, settings));

    private static ProviderSettings Settings(string environment, string settings) => new(
        new ConfigurationBuilder().AddInMemoryCollection(settings.Split(';', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).Select(pair => KeyValuePair.Create(pair[0], (string?)pair[1]))).Build(),
        new Place { EnvironmentName = environment });

    private sealed class Place : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "";
        public string ApplicationName { get; set; } = "";
        public string ContentRootPath { get; set; } = "";
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
