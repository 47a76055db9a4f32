namespace Ledgerline.Http;

/// <summary>
/// The headers every response carries. Pages, streams and API answers differ in <c>Content-Security-Policy</c> and
/// <c>Cache-Control</c> only, and are told apart by their content type; a handler that sets one of the two itself keeps it.
/// </summary>
public static class SecurityHeaders
{
    /// <summary>For pages whose scripts, styles and images are files of ours.</summary>
    public const string PagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private const string ApiPolicy = "default-src 'none'; frame-ancestors 'none'";
    private const string Permissions =
        "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(self), payment=(), usb=()";

    private static readonly string[] Assets = ["text/css", "text/javascript", "application/javascript", "image/", "font/"];

    internal static void UseSecurityHeaders(this WebApplication app) => app.Use(static (context, next) =>
    {
        context.Response.OnStarting(static state => Write((HttpContext)state), context);
        return next(context);
    });

    private static Task Write(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XXSSProtection = "1; mode=block";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin";
        headers["Permissions-Policy"] = Permissions;
        if (context.Request.IsHttps)
        {
            headers.StrictTransportSecurity = "max-age=31536000; includeSubDomains";
        }

        var (policy, cache) = For(context.Response.ContentType ?? "");
        if (policy is not null && headers.ContentSecurityPolicy.Count == 0)
        {
            headers.ContentSecurityPolicy = policy;
        }

        if (headers.CacheControl.Count == 0)
        {
            headers.CacheControl = cache;
        }

        return Task.CompletedTask;
    }

    private static (string? Policy, string Cache) For(string contentType)
    {
        bool Is(string kind) => contentType.StartsWith(kind, StringComparison.OrdinalIgnoreCase);
        return Is("text/event-stream") ? (null, "no-cache")
            : Is("text/html") ? (PagePolicy, "no-cache")
            : Array.Exists(Assets, Is) ? (PagePolicy, "public, max-age=3600")
            : (ApiPolicy, "no-store, max-age=0");
    }
}
