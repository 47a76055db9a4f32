using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

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
    /// <summary>The refusal to answer when Google is not configured; else null.</summary>
    public Refusal? Off => throw new NotImplementedException();

    /// <summary>
    /// The consent page's address; <c>redirect_uri=</c> occurs once in it. The state is good for 10 minutes and one use. A browser
    /// is also bound by a cookie and a code challenge. Ask <see cref="Off"/> first.
    /// </summary>
    public Task<GoogleStart> Start(HttpContext context, CancellationToken stop) => throw new NotImplementedException();

    /// <summary>Google sent the browser back with these query values; a missing code is 422, any other fault a fixed text with 400.</summary>
    public Task<GoogleOutcome> FromBrowser(
        HttpContext context, string? code, string? state, string? error, WhenNew whenNew, CancellationToken stop) =>
        throw new NotImplementedException();

    /// <summary>The desktop client caught the code on its own port; it knows no state. A missing code is 422.</summary>
    public Task<GoogleOutcome> FromDesktop(string? code, WhenNew whenNew, CancellationToken stop) => throw new NotImplementedException();
}
