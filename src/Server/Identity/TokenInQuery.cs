namespace Ledgerline.Identity;

/// <summary>Says on a route that its token may stand in the query as <c>access_token</c>: a browser cannot set a socket's headers.</summary>
public sealed class TokenInQuery
{
    public const string Name = "access_token";
    public static readonly TokenInQuery Accepted = new();

    private TokenInQuery()
    {
    }

    /// <summary>Null where the route does not take it so, or there is none.</summary>
    internal static string? Of(HttpRequest request) =>
        request.HttpContext.GetEndpoint()?.Metadata.GetMetadata<TokenInQuery>() is not null && request.Query[Name].ToString().Trim() is { Length: > 0 } token ? token : null;
}
