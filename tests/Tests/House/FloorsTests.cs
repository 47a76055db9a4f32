using Xunit;

namespace Tests.House;

public sealed class FloorsTests
{
    [Fact]
    public void NobodyLooksUpOrSideways()
    {
        var arrows = Arrows.In(typeof(Ledgerline.ServerApp).Assembly.Location);
        Assert.NotEmpty(arrows);
        Sentences.None(arrows.Select(Floors.Objection));
    }

    [Theory]
    [InlineData("Wallet.Hold", "Billing.Package", "Wallet.Hold must not know Billing.Package.")]
    [InlineData("Wallet.Hold", "Identity.Account", "Wallet.Hold must not know Identity.Account.")]
    [InlineData("Persistence.Engines.Sqlite", "Jobs.Job", "Persistence.Engines.Sqlite must not know Jobs.Job.")]
    [InlineData("Providers.Stripe.StripeClient", "Providers.Google.GoogleClient", "Providers.Stripe.StripeClient must not know Providers.Google.GoogleClient.")]
    [InlineData("Transcription.Transcribe", "Providers.OpenAi.OpenAiClient", "Transcription.Transcribe must not know Providers.OpenAi.OpenAiClient: only Gateway may name Providers.OpenAi.")]
    [InlineData("Gateway.ModelGateway", "Wallet.Ledger", "Gateway.ModelGateway must not know Wallet.Ledger: only Plans and Usage and Billing may name Wallet.")]
    [InlineData("Kernel.Ids", "ServerApp", "Kernel.Ids must not know ServerApp: nothing looks up to the roof.")]
    [InlineData("Cellar.Wine", "Kernel.Ids", "The folder Cellar stands on no floor: give it one in tests/Tests/House/Floors.cs.")]
    [InlineData("Billing.Package", "Wallet.Hold", null)]
    [InlineData("Providers.Stripe.StripeClient", "Providers.Wire.Outbound", null)]
    [InlineData("Persistence.Engines.Sqlite", "Persistence.Turso.HranaClient", null)]
    [InlineData("Services", "Providers.OpenAi.OpenAiClient", null)]
    public void AForbiddenArrowReadsAsASentence(string from, string to, string? sentence) =>
        Assert.Equal(sentence, Floors.Objection(new Arrow($"Ledgerline.{from}", $"Ledgerline.{to}")));
}
