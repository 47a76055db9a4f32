using System.Net.Http.Headers;

namespace Tests.Specs;

/// <summary>Which specification an address of the sandbox belongs to, and what its provider asks of the headers.</summary>
internal sealed record SpecRoute(string Prefix, string Below, Func<Task<SpecBundle>> Bundle, Func<HttpMethod, HttpRequestHeaders, string?> Headers)
{
    private const string StripeVersion = "2026-08-26.dahlia";

    private static readonly SpecRoute[] All =
    [
        new("/stripe", "/v1/", () => ProviderSpecs.Stripe, Stripe),
        new("/openai", "/v1/", () => ProviderSpecs.OpenAi, OpenAi),
        new("/gemini", "/v1beta/", () => ProviderSpecs.Gemini, (_, headers) => Only(headers, "x-goog-api-key") is null ? "x-goog-api-key is missing" : null),
        new("/google", "/oauth2/v2/userinfo", () => ProviderSpecs.Google, (_, headers) => Bearer(headers)),
        new("/turso", "/", () => ProviderSpecs.Turso, (_, _) => null),
        new("/twilio/verify", "/v2/", () => ProviderSpecs.Verify, (_, headers) => Basic(headers)),
        new("/twilio", "/2010-04-01/", () => ProviderSpecs.Twilio, (_, headers) => Basic(headers)),
    ];

    // Media, and what Twilio left out of its specification.
    private static readonly string[] Undescribed = [".wav", "/Balance.json"];

    /// <summary>Null for addresses that no specification describes.</summary>
    public static SpecRoute? Of(string path) => Undescribed.Any(ending => path.EndsWith(ending, StringComparison.Ordinal)) ? null : All.FirstOrDefault(route => path.StartsWith(route.Prefix + route.Below, StringComparison.Ordinal));

    /// <summary>The address as the provider's specification writes it.</summary>
    public string Path(string path) => path[Prefix.Length..];

    private static string? Stripe(HttpMethod method, HttpRequestHeaders headers) =>
        Only(headers, "Stripe-Version") is var version && version != StripeVersion ? $"Stripe-Version is {version ?? "missing"}, not {StripeVersion}"
        : method == HttpMethod.Post && Only(headers, "Idempotency-Key") is not { Length: > 0 and <= 255 } ? "a POST needs one Idempotency-Key of up to 255 characters"
        : headers.Authorization is null ? "Authorization is missing"
        : null;

    private static string? OpenAi(HttpMethod method, HttpRequestHeaders headers) =>
        headers.Contains("OpenAI-Beta") ? "OpenAI-Beta belongs to a surface that is switched off" : Bearer(headers);

    private static string? Bearer(HttpRequestHeaders headers) =>
        headers.Authorization is { Scheme: "Bearer", Parameter.Length: > 0 } ? null : "Authorization is not a bearer token";

    private static string? Basic(HttpRequestHeaders headers) =>
        headers.Authorization is { Scheme: "Basic", Parameter.Length: > 0 } ? null : "Authorization is not account and token";

    private static string? Only(HttpRequestHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && values.ToList() is [var one] ? one : null;
}
