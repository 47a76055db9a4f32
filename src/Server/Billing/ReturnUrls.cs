using Ledgerline.Http;

namespace Ledgerline.Billing;

/// <summary>Where a customer may be sent after paying: the desktop app, and the origins the operator allows. Anything else is a trap.</summary>
internal sealed class ReturnUrls(AllowedOrigins origins)
{
    public const string DefaultSuccess = "chotto-voice://payment/success";
    public const string DefaultCancel = "chotto-voice://payment/cancel";

    private const string App = "chotto-voice";
    private const int Longest = 2000;

    public bool Allows(string url) => Read(url) is { } uri && (uri.Scheme == App || origins.Contain(uri));

    /// <summary>The address with a place for Stripe to write the session's id into, before a fragment and after any query.</summary>
    public static string WithSessionId(string url)
    {
        var end = url.IndexOf('#') is var hash and >= 0 ? hash : url.Length;
        var address = url[..end];
        var joint = !address.Contains('?') ? "?" : address[^1] is '?' or '&' ? "" : "&";
        return $"{address}{joint}session_id={{CHECKOUT_SESSION_ID}}{url[end..]}";
    }

    // Backslashes, spaces and control characters are read differently by browsers; names before an @ only deceive.
    private static Uri? Read(string url) =>
        url.Length <= Longest && url.All(c => c is > ' ' and <= '~' and not '\\')
        && Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.UserInfo.Length == 0
            ? uri
            : null;
}
