using Microsoft.AspNetCore.Cors.Infrastructure;

namespace Ledgerline.Http;

/// <summary>The web pages that may call us from another origin: <c>ALLOWED_ORIGINS</c> and the origin of <c>FRONTEND_URL</c>.</summary>
public sealed class AllowedOrigins
{
    private const string Default = "http://localhost,http://localhost:5173,https://chotto.voice";
    private const string DefaultFrontend = "http://localhost:5173";

    private readonly HashSet<string> origins;

    /// <exception cref="FormatException">A value is not an origin; <c>*</c> is none.</exception>
    public AllowedOrigins(IConfiguration settings)
    {
        origins = [.. (settings["ALLOWED_ORIGINS"] ?? Default)
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(text => OriginOf(text, "ALLOWED_ORIGINS"))];
        origins.Add(OriginOf(settings["FRONTEND_URL"]?.Trim() is { Length: > 0 } frontend ? frontend : DefaultFrontend, "FRONTEND_URL"));
    }

    public IReadOnlyCollection<string> All => origins;

    /// <summary>True when this address is on one of the origins.</summary>
    public bool Contain(Uri address) => address.IsAbsoluteUri && origins.Contains(address.GetLeftPart(UriPartial.Authority));

    internal void Describe(CorsPolicyBuilder policy) => policy
        .WithOrigins([.. origins])
        .AllowCredentials()
        .WithMethods("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
        .WithHeaders("Authorization", "Content-Type", "Accept", "Origin", "X-Requested-With", "X-App-Type", "X-Captcha", Idempotency.Header)
        .WithExposedHeaders("Retry-After", Idempotency.ReplayedHeader)
        .SetPreflightMaxAge(TimeSpan.FromSeconds(600));

    private static string OriginOf(string text, string setting) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri.GetLeftPart(UriPartial.Authority)
            : throw new FormatException($"{setting} must hold origins such as https://app.example.org; {text} is none.");
}
