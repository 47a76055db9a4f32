using System.Globalization;
using Ledgerline.Providers.Wire;
using MimeKit;

namespace Ledgerline.Providers.Mail;

/// <summary>Who carries our mail.</summary>
public enum MailCarrier
{
    /// <summary>Nobody: nothing is configured.</summary>
    Off,
    Smtp,
    Resend,
}

/// <summary>When a connection to the mail server must be encrypted.</summary>
public enum SmtpTls
{
    /// <summary>From the first byte on port 465, else as soon as the server offers it; always before a password is sent to another machine.</summary>
    Auto,
    Required,
    None,
}

/// <summary>How mail leaves the house.</summary>
public sealed record MailOptions
{
    private const string SandboxKey = "re_sandbox";
    private const int ImplicitTlsPort = 465;

    public MailCarrier Carrier { get; private init; }

    /// <summary>The address, with or without a name before it.</summary>
    public required string From { get; init; }

    public required string SmtpHost { get; init; }
    public int SmtpPort { get; private init; }
    public string? SmtpUser { get; private init; }
    public string? SmtpPassword { get; private init; }
    public SmtpTls SmtpTls { get; private init; }
    public string? ResendKey { get; private init; }
    public required string ResendAddress { get; init; }

    /// <summary>Gets every mail in place of whom it is for; never set in Production.</summary>
    public string? EveryMailTo { get; private init; }

    /// <summary>Why the product must not start like this.</summary>
    public string? Fault { get; private init; }

    /// <summary>TLS from the first byte.</summary>
    public bool IsImplicitTls => SmtpPort == ImplicitTlsPort && SmtpTls != SmtpTls.None;

    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static MailOptions Read(ProviderSettings settings)
    {
        var options = new MailOptions
        {
            Carrier = CarrierOf(settings),
            From = Mailbox("EMAIL_FROM", settings["EMAIL_FROM"] ?? "hello@vocalis.ai"),
            SmtpHost = settings["SMTP_HOST"] ?? "localhost",
            SmtpPort = Port(settings["SMTP_PORT"] ?? "1025"),
            SmtpUser = settings["SMTP_USERNAME"],
            SmtpPassword = settings["SMTP_PASSWORD"],
            SmtpTls = Tls(settings["SMTP_TLS"] ?? "auto"),
            ResendKey = settings.Key("RESEND_API_KEY", SandboxKey),
            ResendAddress = settings.Address("RESEND_BASE_URL", "RESEND_API_KEY", "https://api.resend.com", "/mail"),
            EveryMailTo = settings["DEMO_EMAIL_TO"] is { } everyMail && !settings.IsProduction ? Mailbox("DEMO_EMAIL_TO", everyMail) : null,
        };
        return options with { Fault = options.FaultOf(settings) };
    }

    // In Development what is not set is the sandbox's; elsewhere mail is off until somebody says how it is carried.
    private static MailCarrier CarrierOf(ProviderSettings settings) => settings["EMAIL_PROVIDER"]?.ToLowerInvariant() switch
    {
        "smtp" => MailCarrier.Smtp,
        "resend" => MailCarrier.Resend,
        null => settings.IsDevelopment || settings["SMTP_HOST"] is not null || settings["SMTP_PORT"] is not null ? MailCarrier.Smtp : MailCarrier.Off,
        _ => throw new FormatException("EMAIL_PROVIDER must be smtp or resend."),
    };

    private string? FaultOf(ProviderSettings settings) => this switch
    {
        _ when SmtpUser is null != SmtpPassword is null => "SMTP_USERNAME and SMTP_PASSWORD belong together: set both, or neither.",
        _ when settings.IsDevelopment => null,
        { Carrier: MailCarrier.Resend, ResendKey: null } => "EMAIL_PROVIDER is resend without RESEND_API_KEY: set the key, or another provider.",
        { Carrier: MailCarrier.Resend, ResendKey: SandboxKey } => "RESEND_API_KEY is the sandbox's: set the key of a Resend account.",
        { Carrier: MailCarrier.Off, ResendKey: not null } => "RESEND_API_KEY is set without EMAIL_PROVIDER=resend: set both, or neither to leave mail off.",
        _ => null,
    };

    private static string Mailbox(string name, string text) => MailboxAddress.TryParse(text, out var mailbox) && mailbox.Address.Contains('@', StringComparison.Ordinal)
        ? text
        : throw new FormatException($"{name} must be a mail address such as hello@example.com, or a name and an address in angle brackets.");

    private static int Port(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue
        ? port
        : throw new FormatException("SMTP_PORT must be a port number from 1 to 65535.");

    private static SmtpTls Tls(string text) => text.ToLowerInvariant() switch
    {
        "auto" => SmtpTls.Auto,
        "required" => SmtpTls.Required,
        "none" => SmtpTls.None,
        _ => throw new FormatException("SMTP_TLS must be auto, required or none."),
    };
}
