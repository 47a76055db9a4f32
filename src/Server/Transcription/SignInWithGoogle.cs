using Ledgerline.Billing;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Transcription;

/// <summary>
/// <c>GET /auth/google/callback</c> and <c>POST /auth/google/token</c>: a code of Google's becomes an access token. The first
/// sign-in makes the account and gives the welcome credits, in one transaction.
/// </summary>
internal static class SignInWithGoogle
{
    /// <param name="AccessToken">Good for 30 days; there is no refresh token.</param>
    /// <param name="Credits">What can be spent now.</param>
    public sealed record Answer(string AccessToken, string TokenType, string UserId, string Email, string? Name, long Credits, bool IsNewUser);

    /// <summary>Google sent the browser back.</summary>
    public static async Task<Results<Ok<Answer>, Refusal>> Browser(
        HttpContext context, GoogleSignIn google, WelcomeCredits welcome, Balances balances, CancellationToken stop, string? code = null, string? state = null, string? error = null) =>
        await Say(await google.FromBrowser(context, code, state, error, Welcome(welcome), stop), balances, stop);

    /// <summary>The desktop client caught the code itself.</summary>
    public static async Task<Results<Ok<Answer>, Refusal>> Desktop(
        GoogleSignIn google, WelcomeCredits welcome, Balances balances, CancellationToken stop, string? code = null) =>
        await Say(await google.FromDesktop(code, Welcome(welcome), stop), balances, stop);

    // Named by Google's id, so that the same person does not get the gift again with another account.
    private static WhenNew Welcome(WelcomeCredits welcome) => async (Transaction transaction, AccountId account, CancellationToken stop) =>
    {
        var person = await Accounts.FindSubject(transaction, account, IdentityKind.Google, stop)
            ?? throw new InvalidOperationException($"Account {account} was made by Google and has no Google id.");
        await welcome.Grant(transaction, account, $"{IdentityKind.Google}:{person}", stop);
    };

    private static async Task<Results<Ok<Answer>, Refusal>> Say(GoogleOutcome outcome, Balances balances, CancellationToken stop) =>
        outcome.SignedIn is not { Account: { } account } signedIn
            ? outcome.Refusal!
            : TypedResults.Ok(new Answer(
                signedIn.AccessToken,
                "bearer",
                account.Id.ToString(),
                account.Email ?? "",
                account.Name,
                await balances.Credits(account.Id, stop),
                signedIn.IsNew));
}
