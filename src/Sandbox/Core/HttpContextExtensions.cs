namespace Sandbox.Core;

/// <summary>What simulators ask of a request.</summary>
internal static class HttpContextExtensions
{
    /// <summary>The sandbox's own address as the caller wrote it: <c>http://host:port</c>.</summary>
    public static string Origin(this HttpContext context) => $"{context.Request.Scheme}://{context.Request.Host}";

    /// <summary>The token of <c>Authorization: Bearer …</c>, or nothing.</summary>
    public static string? BearerToken(this HttpContext context)
    {
        const string scheme = "Bearer ";
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && header[scheme.Length..].Trim() is { Length: > 0 } token ? token : null;
    }

    public static T Service<T>(this HttpContext context) where T : notnull => context.RequestServices.GetRequiredService<T>();
}
