using System.Security.Claims;
using System.Text.Encodings.Web;
using Ledgerline.Http;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;

namespace Ledgerline.Identity;

/// <summary>Reads <c>Authorization: Bearer</c>. No token and a bad token are both 401, in different words; 403 is for those who are signed in.</summary>
internal sealed class BearerHandler(
    IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory log, UrlEncoder encoder, BearerTokens tokens)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, log, encoder)
{
    public const string SchemeName = "Bearer";

    /// <summary>Null when the request carries none.</summary>
    public static string? TokenOf(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString().AsSpan().Trim();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header[7..].Trim() is { Length: > 0 } token ? token.ToString() : null;
    }

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (TokenOf(Request) is not { } token)
        {
            return AuthenticateResult.NoResult();
        }

        if (await tokens.Check(token, Context.RequestAborted) is not { } account)
        {
            return AuthenticateResult.Fail("The token is forged, over, or was revoked.");
        }

        Claim[] claims =
        [
            new("sub", account.Id.ToString()), new(CurrentAccount.SessionClaim, account.SessionId),
            new(CurrentAccount.ExpiryClaim, $"{account.ExpiresAt?.ToUnixTimeSeconds()}"),
        ];
        return AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, SchemeName)), SchemeName));
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var result = await HandleAuthenticateOnceSafeAsync();
        await Refusal.Unauthorized(result.None ? "Not authenticated" : "Could not validate credentials").ExecuteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        new Refusal(StatusCodes.Status403Forbidden, "Admin privileges required").ExecuteAsync(Context);
}
