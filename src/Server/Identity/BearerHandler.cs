using System.Globalization;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Ledgerline.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Ledgerline.Identity;

/// <summary>
/// Reads <c>Authorization: Bearer</c>: an access token, or on routes that say so an API key. No token and a bad token are both 401, in
/// different words; 403 is for those who are signed in.
/// </summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, BearerTokens tokens, ApiKeys keys)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public const string SchemeName = "Bearer";

    /// <summary>Null when the request carries none.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString().AsSpan().Trim();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header[7..].Trim() is { Length: > 0 } token ? token.ToString() : TokenInQuery.Of(request);
    }

    /// <summary>True unless a key was shown that lacks the scope the route asks for.</summary>
    public static bool IsInScope(HttpContext context) =>
        context.User.FindFirst(CallerKey.IdClaim) is null || ScopeOf(context) is { } scope && context.User.HasClaim(CallerKey.ScopeClaim, scope.Name);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TokenOf(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        if (IsKey(token))
        {
            return ScopeOf(Context) is not null && await keys.Check(token, Context.RequestAborted) is { } key
                ? Success(Claims(key))
                : AuthenticateResult.Fail("The key is unknown, over or revoked, or opens nothing here.");
        }

        return await tokens.Check(token, Context.RequestAborted) is { } account
            ? Success(
            [
                new("sub", account.Id.ToString()), new(CurrentAccount.SessionClaim, account.SessionId),
                new(CurrentAccount.ExpiryClaim, $"{account.ExpiresAt?.ToUnixTimeSeconds()}"),
            ])
            : AuthenticateResult.Fail("The token is forged, over, or was revoked.");
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        await Refusal.Unauthorized(
            result.None ? "Not authenticated"
            : TokenOf(Request) is not { } token || !IsKey(token) ? AreaWords.Of(Context).BadToken
            : ScopeOf(Context) is null ? "API keys are accepted under /v1 only; sign in for this address"
            : "The API key is unknown, expired or revoked").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => new Refusal(
        StatusCodes.Status403Forbidden,
        IsInScope(Context) ? "Admin privileges required" : $"The API key lacks the scope {ScopeOf(Context)?.Name}").ExecuteAsync(Context);

    private static bool IsKey(string token) => token.StartsWith(ApiKeys.Prefix, StringComparison.Ordinal);

    private static KeyScope? ScopeOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<KeyScope>();

    private static AuthenticateResult Success(IEnumerable<Claim> claims) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName)), SchemeName));

    private static IEnumerable<Claim> Claims(PresentedKey key)
    {
        yield return new("sub", key.Account.ToString());
        yield return new(CurrentAccount.SessionClaim, key.Id);
        yield return new(CallerKey.IdClaim, key.Id);
        foreach (var scope in key.Scopes)
        {
            yield return new(CallerKey.ScopeClaim, scope);
        }

        if (key.SpendLimit is { } limit)
        {
            yield return new(CallerKey.LimitClaim, limit.Micro.ToString(CultureInfo.InvariantCulture));
        }
    }
}
