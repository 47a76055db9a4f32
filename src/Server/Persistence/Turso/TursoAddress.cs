namespace Ledgerline.Persistence.Turso;

/// <summary>Where a libSQL server is: <c>libsql://host</c> (over TLS), <c>https://host</c>, or <c>http://host</c> for one on this machine.</summary>
/// <param name="Address">Ends with a slash, so that paths are written relative to it.</param>
/// <param name="Token">The database's; null where the server asks for none.</param>
internal sealed record TursoAddress(Uri Address, string? Token)
{
    private static readonly string[] Schemes = ["libsql:", "https:", "http:"];

    public static bool Is(string url) => Array.Exists(Schemes, scheme => url.StartsWith(scheme, StringComparison.OrdinalIgnoreCase));

    /// <param name="url">May carry <c>?authToken=…</c> and, for libsql, <c>?tls=0</c>, as libSQL's own tools take them.</param>
    /// <param name="token">The setting beside it; what the address itself carries wins.</param>
    /// <exception cref="FormatException">It is no address.</exception>
    public static TursoAddress Parse(string url, string? token)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var given) || given.Host.Length == 0)
        {
            throw new FormatException("DATABASE_URL is not an address of a libSQL server: write libsql://database-organisation.turso.io.");
        }

        var query = given.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(pair => pair.Split('=', 2)).DistinctBy(pair => pair[0]).ToDictionary(pair => pair[0], pair => Uri.UnescapeDataString(pair[^1]), StringComparer.Ordinal);
        var plain = given.Scheme == Uri.UriSchemeHttp || (given.Scheme == "libsql" && query.GetValueOrDefault("tls") == "0");
        var port = given.IsDefaultPort || given.Port < 0 ? "" : $":{given.Port}";
        var path = given.AbsolutePath.Trim('/');
        var address = new Uri($"{(plain ? "http" : "https")}://{given.Host}{port}/{(path.Length == 0 ? "" : path + "/")}");
        return new TursoAddress(address, query.GetValueOrDefault("authToken") is { Length: > 0 } own ? own : string.IsNullOrWhiteSpace(token) ? null : token.Trim());
    }
}
