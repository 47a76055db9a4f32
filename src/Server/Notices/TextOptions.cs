using Ledgerline.Providers.Twilio;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Notices;

/// <summary>Who carries our text messages.</summary>
public enum TextCarrier
{
    /// <summary>Nobody: nothing is configured.</summary>
    Off,

    /// <summary>Twilio, as messages in our words.</summary>
    Twilio,

    /// <summary>Twilio Verify, which says our codes in its own words.</summary>
    Verify,

    /// <summary>The log of one's own machine.</summary>
    Log,
}

/// <summary>How text messages leave the house.</summary>
public sealed record TextOptions(TextCarrier Carrier)
{
    /// <exception cref="FormatException">A setting is not what it should be; the sentence names it.</exception>
    public static TextOptions Read(ProviderSettings settings, TwilioOptions twilio)
    {
        var configured = !twilio.CanText ? TextCarrier.Off : twilio.VerifyServiceSid is null ? TextCarrier.Twilio : TextCarrier.Verify;
        return settings["OTP_DELIVERY"]?.ToLowerInvariant() switch
        {
            null => new(configured == TextCarrier.Off && settings.IsDevelopment ? TextCarrier.Log : configured),
            "twilio" => new(configured),
            "log" when settings.IsDevelopment => new(TextCarrier.Log),
            "log" => throw new FormatException("OTP_DELIVERY is log outside Development: codes would lie in the log. Set it to twilio, or leave it out."),
            _ => throw new FormatException("OTP_DELIVERY must be twilio or log."),
        };
    }
}
