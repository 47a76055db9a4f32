using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.Twilio;

/// <summary>How Twilio is reached. Without an account it is off.</summary>
public sealed record TwilioOptions
{
    private const string SandboxAccount = "AC5a4d00000000000000000000000b0000";
    private const string SandboxToken = "twilio-sandbox-token";
    private const string SandboxNumber = "+15005550006";
    private const int SidLength = 34;

    public string? AccountSid { get; private init; }
    public string? AuthToken { get; private init; }

    /// <summary>The token before a rotation: what is signed with it is still taken.</summary>
    public string? PreviousAuthToken { get; private init; }

    /// <summary>Ours, E.164.</summary>
    public string? PhoneNumber { get; private init; }

    /// <summary>Chooses the sender in the number's place.</summary>
    public string? MessagingServiceSid { get; private init; }

    /// <summary>Codes go through Verify instead, under its sender and in its words.</summary>
    public string? VerifyServiceSid { get; private init; }

    /// <summary>Without the version.</summary>
    public required string BaseAddress { get; init; }

    /// <inheritdoc cref="BaseAddress"/>
    public required string VerifyBaseAddress { get; init; }

    public bool IsOff => AccountSid is null || AuthToken is null;

    /// <summary>There is an account, and something to send from.</summary>
    public bool CanText => !IsOff && (PhoneNumber ?? MessagingServiceSid ?? VerifyServiceSid) is not null;

    /// <summary>Why the product must not start like this.</summary>
    public string? Fault { get; private init; }

    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static TwilioOptions Read(ProviderSettings settings)
    {
        // In Development an account without its token is half of a real one, and not the sandbox's other half.
        var isOwn = settings["TWILIO_ACCOUNT_SID"] is not null || settings["TWILIO_AUTH_TOKEN"] is not null;
        var options = new TwilioOptions
        {
            AccountSid = Sid(settings, "TWILIO_ACCOUNT_SID", "AC") ?? (isOwn ? null : settings.Key("TWILIO_ACCOUNT_SID", SandboxAccount)),
            AuthToken = isOwn ? settings["TWILIO_AUTH_TOKEN"] : settings.Key("TWILIO_AUTH_TOKEN", SandboxToken),
            PreviousAuthToken = settings["TWILIO_AUTH_TOKEN_PREVIOUS"],
            PhoneNumber = Number(settings) ?? (isOwn ? null : settings.Key("TWILIO_PHONE_NUMBER", SandboxNumber)),
            MessagingServiceSid = Sid(settings, "TWILIO_MESSAGING_SERVICE_SID", "MG"),
            VerifyServiceSid = Sid(settings, "TWILIO_VERIFY_SERVICE_SID", "VA"),
            BaseAddress = settings.Address("TWILIO_BASE_URL", "TWILIO_AUTH_TOKEN", "https://api.twilio.com", "/twilio"),
            VerifyBaseAddress = settings.Address("TWILIO_VERIFY_BASE_URL", "TWILIO_AUTH_TOKEN", "https://verify.twilio.com", "/twilio/verify"),
        };
        return options with { Fault = options.FaultOf(settings.IsDevelopment) };
    }

    private string? FaultOf(bool isDevelopment) => this switch
    {
        _ when AccountSid is null != AuthToken is null => "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN belong together: set both, or neither to leave phones off.",
        { AccountSid: null } when (MessagingServiceSid ?? VerifyServiceSid) is not null =>
            "TWILIO_MESSAGING_SERVICE_SID and TWILIO_VERIFY_SERVICE_SID need TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN: set them too, or none to leave phones off.",
        _ when isDevelopment => null,
        _ when AccountSid == SandboxAccount || AuthToken == SandboxToken =>
            "TWILIO_ACCOUNT_SID or TWILIO_AUTH_TOKEN is the sandbox's: set those of a Twilio account, or none to leave phones off.",
        _ => null,
    };

    private static string? Number(ProviderSettings settings) => settings["TWILIO_PHONE_NUMBER"] is not { } text ? null
        : Kernel.PhoneNumber.Parse(text)?.Value ?? throw new FormatException("TWILIO_PHONE_NUMBER must be a phone number such as +15550100123.");

    private static string? Sid(ProviderSettings settings, string name, string kind) => settings[name] is not { } text ? null
        : text.Length == SidLength && text.StartsWith(kind, StringComparison.Ordinal) && text.All(char.IsAsciiLetterOrDigit) ? text
        : throw new FormatException($"{name} must be {kind} and 32 more letters and digits, as Twilio's console shows it.");
}
