using Ledgerline.Providers.Mail;
using Ledgerline.Providers.Wire;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Tests.Notices;

public sealed class MailOptionsTests
{
    [Fact]
    public void In_Development_it_is_the_sandbox_and_in_production_it_is_off()
    {
        var development = Read("Development");
        Assert.Equal((MailCarrier.Smtp, "localhost", 1025, "hello@vocalis.ai"), (development.Carrier, development.SmtpHost, development.SmtpPort, development.From));
        Assert.Equal("http://127.0.0.1:8001/mail", Read("Development", ("EMAIL_PROVIDER", "resend")).ResendAddress);
        Assert.Equal((MailCarrier.Off, null), (Read("Production").Carrier, Read("Production").Fault));
        Assert.Equal((MailCarrier.Smtp, null), (Read("Production", ("SMTP_HOST", "mail.example.com")).Carrier, Read("Production", ("SMTP_HOST", "mail.example.com")).Fault));
        Assert.Equal("https://api.resend.com", Read("Production", ("EMAIL_PROVIDER", "resend"), ("RESEND_API_KEY", "re_1")).ResendAddress);
    }

    [Theory]
    [InlineData("EMAIL_PROVIDER=resend", "EMAIL_PROVIDER is resend without RESEND_API_KEY")]
    [InlineData("EMAIL_PROVIDER=resend RESEND_API_KEY=re_sandbox", "RESEND_API_KEY is the sandbox's")]
    [InlineData("RESEND_API_KEY=re_1", "RESEND_API_KEY is set without EMAIL_PROVIDER=resend")]
    [InlineData("SMTP_HOST=mail.example.com SMTP_USERNAME=ada", "SMTP_USERNAME and SMTP_PASSWORD belong together")]
    public void Half_a_configuration_stops_the_start_in_production(string settings, string sentence) =>
        Assert.StartsWith(sentence, Read("Production", Pairs(settings)).Fault, StringComparison.Ordinal);

    [Theory]
    [InlineData("EMAIL_PROVIDER=pigeon", "EMAIL_PROVIDER must be")]
    [InlineData("SMTP_PORT=0", "SMTP_PORT must be")]
    [InlineData("SMTP_PORT=many", "SMTP_PORT must be")]
    [InlineData("SMTP_TLS=maybe", "SMTP_TLS must be")]
    [InlineData("EMAIL_FROM=nobody", "EMAIL_FROM must be")]
    [InlineData("EMAIL_FROM=a@b.c,d@e.f", "EMAIL_FROM must be")]
    [InlineData("DEMO_EMAIL_TO=nobody", "DEMO_EMAIL_TO must be")]
    public void What_cannot_be_read_names_its_setting(string settings, string sentence) =>
        Assert.StartsWith(sentence, Assert.Throws<FormatException>(() => Read("Development", Pairs(settings))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("465", "auto", true)]
    [InlineData("587", "auto", false)]
    [InlineData("465", "none", false)]
    public void Port_465_is_encrypted_from_the_first_byte(string port, string tls, bool isImplicit) =>
        Assert.Equal(isImplicit, Read("Production", ("SMTP_PORT", port), ("SMTP_TLS", tls)).IsImplicitTls);

    private static (string, string)[] Pairs(string settings) => [.. settings.Split(' ').Select(pair => (pair.Split('=')[0], pair.Split('=')[1]))];

    private static MailOptions Read(string environment, params (string Name, string Value)[] settings) => MailOptions.Read(new ProviderSettings(
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(one => one.Name, one => (string?)one.Value)).Build(),
        new Environs { EnvironmentName = environment }));

    private sealed class Environs : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "";
        public string ApplicationName { get; set; } = "tests";
        public string ContentRootPath { get; set; } = "/";
        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
