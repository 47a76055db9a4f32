using System.Text.RegularExpressions;

namespace Sandbox.Twilio;

/// <summary>Phone numbers: what is one at all, and those by which Twilio's test credentials bring about each error.</summary>
internal static partial class TwilioNumbers
{
    public static bool IsE164(string number) => E164().IsMatch(number);

    /// <summary>Refuses a sender that is no number, or not one of the account's.</summary>
    public static void DemandSender(string from, bool isOurs)
    {
        if (!IsE164(from) || from == "+15005550001")
        {
            throw new TwilioError(400, 21212, $"The 'From' number {from} is not a valid phone number, shortcode, or alphanumeric sender ID.");
        }

        if (from == "+15005550008")
        {
            throw new TwilioError(400, 21611, $"This 'From' number {from} has exceeded the maximum number of queued messages.");
        }

        if (!isOurs && from != "+15005550006")
        {
            throw new TwilioError(400, 21606, $"The 'From' phone number provided ({from}) is not a valid message-capable Twilio phone number for this destination.");
        }
    }

    /// <summary>Refuses a recipient that no message can be sent to.</summary>
    public static void DemandRecipient(string to)
    {
        var error = to switch
        {
            "+15005550001" => Invalid(to),
            "+15005550002" => new TwilioError(400, 21612, $"The 'To' phone number: {to}, is not currently reachable using the 'From' phone number."),
            "+15005550003" => new TwilioError(400, 21408, $"Permission to send an SMS has not been enabled for the region indicated by the 'To' number: {to}."),
            "+15005550004" => OptedOut(),
            "+15005550009" => new TwilioError(400, 21614, $"'To' number: {to}, is not a valid mobile number"),
            _ when !IsE164(to) => Invalid(to),
            _ => null,
        };
        if (error is not null)
        {
            throw error;
        }
    }

    /// <summary>Refuses a number that cannot be called.</summary>
    public static void DemandCallable(string to)
    {
        var error = to switch
        {
            "+15005550001" => new TwilioError(400, 21217, $"Phone number {to} does not appear to be valid."),
            "+15005550002" => new TwilioError(400, 21214, $"The phone number you are attempting to call, {to}, cannot be reached."),
            "+15005550003" => new TwilioError(400, 21215, $"Account not authorized to call {to}. Perhaps you need to enable some international permissions."),
            "+15005550004" => new TwilioError(400, 21216, $"Account not allowed to call {to}."),
            _ when !IsE164(to) => Invalid(to),
            _ => null,
        };
        if (error is not null)
        {
            throw error;
        }
    }

    public static TwilioError OptedOut() => new(400, 21610, "Attempt to send to unsubscribed recipient");

    private static TwilioError Invalid(string to) => new(400, 21211, $"Invalid 'To' Phone Number: {to}");

    [GeneratedRegex(@"\A\+[1-9][0-9]{6,14}\z")]
    private static partial Regex E164();
}
