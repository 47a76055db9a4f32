using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Ledgerline.Providers.Google;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Ledgerline.Identity;

/// <summary>Where to send the person, and the state that comes back with the browser.</summary>
public sealed record GoogleStart(string AuthUrl, string State);

/// <summary>A person whom Google vouched for just now.</summary>
/// <param name="AccessToken">Good for 30 days; there is no refresh token.</param>
public sealed record GoogleSignedIn(Account Account, bool IsNew, string AccessToken);

/// <summary>Exactly one of the two is there.</summary>
public sealed record GoogleOutcome(GoogleSignedIn? SignedIn, Refusal? Refusal);

/// <summary>What a new account gets in the very transaction that creates it: both are true or neither.</summary>
public delegate Task WhenNew(Transaction transaction, AccountId account, CancellationToken stop);

/// <summary>The door for signing in with Google: of a browser, which brings the state back, and of the desktop client, which drops it.</summary>
public sealed class GoogleSignIn
{
    private const string Cookie = "ledgerline_google";
    private const string CookiePath = "/auth/google";
    private const int SecretLength = 43;

    private readonly GoogleOAuth google;
    private readonly GoogleOptions settings;
    private readonly IdentityOptions options;
    private readonly GoogleStates states;
    private readonly GoogleAccounts accounts;
    private readonly Ids ids;
    private readonly ILogger<GoogleSignIn> log;

    internal GoogleSignIn(
        GoogleOAuth google, GoogleOptions settings, IdentityOptions options, GoogleStates states, GoogleAccounts accounts, Ids ids, ILogger<GoogleSignIn> log) =>
        (this.google, this.settings, this.options, this.states, this.accounts, this.ids, this.log) = (google, settings, options, states, accounts, ids, log);

    /// <summary>The refusal to answer when Google is not configured; else null.</summary>
    public Refusal? Off => settings.IsConfigured ? null : new Refusal(StatusCodes.Status503ServiceUnavailable, "Google sign-in is not configured");

    /// <summary>
    /// The consent page's address; <c>redirect_uri=</c> occurs once in it. The state is good for 10 minutes and one use. A browser
    /// is also bound by a cookie and a code challenge. Ask <see cref="Off"/> first.
    /// </summary>
    public async Task<GoogleStart> Start(HttpContext context, CancellationToken stop)
    {
        var browserSecret = IsBrowser(context.Request) ? BindBrowser(context) : null;
        var state = await states.New(browserSecret, stop);
        var query = new Dictionary<string, string?>
        {
            ["client_id"] = settings.ClientId,
            ["redirect_uri"] = settings.RedirectUri,
            ["response_type"] = "code",
            ["scope"] = "openid email profile",
            ["access_type"] = "offline",
            ["prompt"] = "consent",
            ["state"] = state.State,
            ["nonce"] = state.Nonce,
        };
        if (state.CodeVerifier is { } verifier)
        {
            query["code_challenge"] = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier)));
            query["code_challenge_method"] = "S256";
        }

        return new GoogleStart(QueryHelpers.AddQueryString($"{settings.AccountsAddress}/o/oauth2/v2/auth", query), state.State);
    }

    /// <summary>Google sent the browser back with these query values; a missing code is 422, any other fault a fixed text with 400.</summary>
    public async Task<GoogleOutcome> FromBrowser(
        HttpContext context, string? code, string? state, string? error, WhenNew whenNew, CancellationToken stop)
    {
        if (string.IsNullOrEmpty(code) && string.IsNullOrEmpty(error))
        {
            throw Invalid.Missing("query", "code");
        }

        if (Off is { } off)
        {
            return new(null, off);
        }

        if (await states.Use(state, context.Request.Cookies[Cookie], stop) is not { } used)
        {
            return Failed("invalid state");
        }

        return string.IsNullOrEmpty(code)
            ? Failed("invalid code")
            : await SignIn(code, settings.RedirectUri, used.CodeVerifier, nonce => Task.FromResult(used.Expects(nonce)), whenNew, stop);
    }

    /// <summary>The desktop client caught the code on its own port; it knows no state, but Google's ID token names it, once. A missing code is 422.</summary>
    public async Task<GoogleOutcome> FromDesktop(string? code, WhenNew whenNew, CancellationToken stop)
    {
        if (string.IsNullOrEmpty(code))
        {
            throw Invalid.Missing("query", "code");
        }

        return Off is { } off
            ? new(null, off)
            : await SignIn(code, settings.DesktopRedirectUri, null, async nonce => nonce is null || await states.UseNonce(nonce, stop), whenNew, stop);
    }

    private async Task<GoogleOutcome> SignIn(
        string code, string redirectUri, string? codeVerifier, Func<string?, Task<bool>> isExpected, WhenNew whenNew, CancellationToken stop)
    {
        GooglePerson person;
        try
        {
            person = await google.Exchange(code, redirectUri, codeVerifier, stop);
        }
        catch (GoogleFailure failure)
        {
            log.LogWarning("Google sign-in failed: {Reason}", failure.Message);
            return Failed(failure.Fault == GoogleFault.Refused ? "invalid code" : "Google is not reachable");
        }

        if (person.IsFromIdToken && !await isExpected(person.Nonce))
        {
            log.LogWarning("Google sign-in failed: the ID token was made for another consent page, or for one that was used or is over");
            return Failed("invalid code");
        }

        return person.Email is null ? Failed("e-mail missing")
            : await accounts.SignIn(person, whenNew, stop) is { } signedIn ? new(signedIn, null)
            : Failed("invalid code");
    }

    // Programs of ours send none of these; every browser sends at least one.
    private static bool IsBrowser(HttpRequest request) =>
        request.Headers.ContainsKey("Sec-Fetch-Mode")
        || request.Headers.ContainsKey("Sec-Fetch-Site")
        || request.Headers.ContainsKey(HeaderNames.Origin)
        || request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    // A browser with two consent pages open has one secret for both.
    private string BindBrowser(HttpContext context)
    {
        var secret = context.Request.Cookies[Cookie] is { Length: SecretLength } known ? known : ids.Secret();
        context.Response.Cookies.Append(Cookie, secret, new CookieOptions
        {
            HttpOnly = true,
            // The cookie must come along when Google's page sends the browser back.
            SameSite = Microsoft.AspNetCore.Http.SameSiteMode.Lax,
            Secure = options.SecureCookies,
            Path = CookiePath,
            MaxAge = GoogleStates.Lifetime,
        });
        return secret;
    }

    private static GoogleOutcome Failed(string reason) => new(null, Refusal.BadRequest($"Authentication failed: {reason}"));
}
