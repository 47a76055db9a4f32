using System.Net;
using System.Text.Json;

namespace Ledgerline.Providers.Twilio;

/// <summary>What kind of failure it was.</summary>
public enum TwilioTrouble
{
    /// <summary>It did not happen, and may be asked for again: nobody was reached, or Twilio said "not now".</summary>
    NotSent,

    /// <summary>Twilio says no: it did not happen, and the same will not help.</summary>
    Refused,

    /// <summary>Nobody knows whether it happened.</summary>
    Unknown,
}

/// <summary>Twilio did not do what was asked. The message may be logged: it holds no number and none of Twilio's own words.</summary>
public sealed class TwilioFailure : Exception
{
    private TwilioFailure(TwilioTrouble trouble, string message, Exception? cause = null)
        : base(message, cause) => Trouble = trouble;

    public TwilioTrouble Trouble { get; }

    /// <summary>Twilio's number for what is wrong: 21211, an invalid <c>To</c>.</summary>
    public int? Code { get; private init; }

    internal static TwilioFailure Off() => new(TwilioTrouble.NotSent, "Twilio is not configured.");

    /// <summary>A connection that was never made has carried nothing; of every other it is unknown what arrived.</summary>
    internal static TwilioFailure Unreachable(Exception cause) => new(
        cause is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError }
            ? TwilioTrouble.NotSent
            : TwilioTrouble.Unknown,
        $"Twilio cannot be reached: {cause.GetType().Name}.");

    internal static TwilioFailure Unreadable(string what) => new(TwilioTrouble.Unknown, what);

    /// <param name="body">Twilio's error object, or whatever a proxy before it said.</param>
    internal static TwilioFailure Answered(HttpStatusCode status, byte[] body)
    {
        var code = CodeOf(body);
        var trouble = status switch
        {
            HttpStatusCode.TooManyRequests => TwilioTrouble.NotSent,
            // A wrong token is mended by the operator, and then it goes out.
            HttpStatusCode.Unauthorized => TwilioTrouble.NotSent,
            HttpStatusCode.RequestTimeout => TwilioTrouble.Unknown,
            _ => (int)status >= 500 ? TwilioTrouble.Unknown : TwilioTrouble.Refused,
        };
        return new TwilioFailure(trouble, $"Twilio answered {(int)status}{(code is { } number ? $", error {number}" : "")}.") { Code = code };
    }

    private static int? CodeOf(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty("code", out var code)
                && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var number)
                ? number
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
