namespace Ledgerline.Identity;

/// <summary>The kind of client that registers an account: decided once, at registration.</summary>
public static class Platform
{
    public const string MobileConsumer = "mobile_consumer";
    public const string WebBusiness = "web_business";

    /// <summary>By the iOS client's user agent, or by <c>X-App-Type: mobile</c>.</summary>
    public static string Of(HttpRequest request) => IsMobile(request) ? MobileConsumer : WebBusiness;

    internal static bool IsMobile(HttpRequest request) =>
        string.Equals(request.Headers["X-App-Type"].ToString().Trim(), "mobile", StringComparison.OrdinalIgnoreCase)
        || request.Headers.UserAgent.ToString().Contains("speech-assistant-mobile", StringComparison.OrdinalIgnoreCase);
}
