using System.Net;
using System.Text.Json;

namespace Ledgerline.Providers.Stripe;

/// <summary>Stripe did not do what was asked. The message is for the log; <see cref="Sentence"/> may be shown to anybody.</summary>
public sealed class StripeFailure : Exception
{
    private StripeFailure(StripeTrouble trouble, string message, Exception? cause = null)
        : base(message, cause) => Trouble = trouble;

    public StripeTrouble Trouble { get; }

    /// <summary>Stripe's word for what is wrong: <c>resource_missing</c>.</summary>
    public string? Code { get; private init; }

    /// <summary>The bank's word for why it declined: <c>insufficient_funds</c>.</summary>
    public string? DeclineCode { get; private init; }

    /// <summary>The parameter Stripe complains about.</summary>
    public string? Param { get; private init; }

    /// <summary>Stripe knows no such object, at least not of this account's.</summary>
    public bool IsMissing => Code == "resource_missing";

    /// <summary>The bank wants the customer to confirm the payment.</summary>
    public bool WantsConfirmation => Trouble == StripeTrouble.Declined && (Code == "authentication_required" || Code == "subscription_payment_intent_requires_action");

    /// <summary>Nobody knows whether it was done; the same may be asked again later.</summary>
    public bool IsPassing => Trouble is StripeTrouble.Unreachable or StripeTrouble.Unreadable or StripeTrouble.Off;

    /// <summary>One of a fixed list, so that nothing of Stripe's words or of ours gets out.</summary>
    public string Sentence => Trouble switch
    {
        StripeTrouble.Off => "payments are not configured",
        StripeTrouble.Unreachable => "the payment provider cannot be reached",
        StripeTrouble.Declined => CardDecline.Sentence(Code, DeclineCode),
        StripeTrouble.Forbidden => "payments are not set up correctly here; please tell support",
        StripeTrouble.Refused => "the payment provider does not accept this request; please tell support",
        _ => "the payment provider gave no usable answer",
    };

    internal static StripeFailure Off() => new(StripeTrouble.Off, "STRIPE_SECRET_KEY is not set.");

    internal static StripeFailure Unreachable(Exception cause) =>
        new(StripeTrouble.Unreachable, $"Stripe cannot be reached: {cause.GetType().Name}.", cause);

    internal static StripeFailure Unreadable(string what, Exception? cause = null) => new(StripeTrouble.Unreadable, what, cause);

    /// <param name="body">Stripe's error object, or whatever a proxy before it said.</param>
    internal static StripeFailure Answered(HttpStatusCode status, byte[] body, string? requestId)
    {
        var error = Error(body);
        var (type, code, param) = (error.Text("type"), error.Text("code"), error.Text("param"));
        var passing = status is HttpStatusCode.RequestTimeout or HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests || (int)status >= 500;
        return new StripeFailure(
            passing ? StripeTrouble.Unreachable
            : type == "card_error" ? StripeTrouble.Declined
            : status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden ? StripeTrouble.Forbidden
            : StripeTrouble.Refused,
            $"Stripe answered {(int)status} {type} {code} {param}, request {requestId}.")
        {
            Code = code,
            DeclineCode = error.Text("decline_code"),
            Param = param,
        };
    }

    private static JsonElement Error(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Member("error").Kept();
        }
        catch (JsonException)
        {
            return default;
        }
    }
}

/// <summary>What kind of failure it was.</summary>
public enum StripeTrouble
{
    /// <summary>No key is configured.</summary>
    Off,

    /// <summary>No answer, or one that says "later": whether it was done is unknown.</summary>
    Unreachable,

    /// <summary>Stripe says no: it was not done, and repeating will not help.</summary>
    Refused,

    /// <summary>Stripe does not take our key, or not for this: only the operator can help.</summary>
    Forbidden,

    /// <summary>The customer's bank says no.</summary>
    Declined,

    /// <summary>Something answered that is not as Stripe answers.</summary>
    Unreadable,
}
