namespace Ledgerline.Http;

/// <summary>
/// Our address as others reach it, from <c>PUBLIC_URL</c>: with or without scheme and trailing slash, both give the same.
/// Nothing that a client sends changes it.
/// </summary>
public sealed class PublicUrl
{
    private PublicUrl(Uri address) => Address = address;

    /// <summary>Ends with a slash.</summary>
    public Uri Address { get; }

    /// <summary>The setting, else in Development this machine; null in Production without the setting.</summary>
    /// <exception cref="FormatException">The setting is no address.</exception>
    public static PublicUrl? Read(IConfiguration settings, IHostEnvironment environment) =>
        settings["PUBLIC_URL"]?.Trim() is { Length: > 0 } text ? Parse(text)
        : environment.IsDevelopment() ? Parse($"http://localhost:{(ushort.TryParse(settings["PORT"], out var port) ? port : 8000)}")
        : null;

    /// <exception cref="FormatException">Not an address.</exception>
    public static PublicUrl Parse(string text)
    {
        var full = text.Contains("://", StringComparison.Ordinal) ? text : $"https://{text}";
        return Uri.TryCreate(full.TrimEnd('/') + "/", UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", Query: "", Fragment: "" }
            ? new PublicUrl(uri)
            : throw new FormatException("PUBLIC_URL must be an address such as https://api.example.org.");
    }

    /// <summary>The public address of one of our paths: <c>At("/call-status")</c>.</summary>
    public string At(string path) => Address.ToString().TrimEnd('/') + "/" + path.TrimStart('/');
}
