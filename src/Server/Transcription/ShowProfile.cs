using Ledgerline.Billing;
using Ledgerline.Http;
using Ledgerline.Identity;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Transcription;

/// <summary><c>GET /api/users/me</c> and <c>/api/users/me/credits</c>: who is signed in and what can be spent.</summary>
internal static class ShowProfile
{
    /// <param name="Email">Empty for an account that signs in by phone.</param>
    public sealed record Answer(string Id, string Email, string? Name, string? PictureUrl, long Credits);

    public sealed record CreditsAnswer(long Credits, string UserId);

    public static async Task<Results<Ok<Answer>, Refusal>> Handle(CurrentAccount caller, Accounts accounts, Balances balances, CancellationToken stop) =>
        await accounts.Find(caller.Id, stop) is { } account
            ? TypedResults.Ok(new Answer(
                account.Id.ToString(), account.Email ?? "", account.Name ?? account.FullName, account.PictureUrl, await balances.Credits(account.Id, stop)))
            : Refusal.Unauthorized("Could not validate credentials");

    public static async Task<Ok<CreditsAnswer>> Credits(CurrentAccount caller, Balances balances, CancellationToken stop) =>
        TypedResults.Ok(new CreditsAnswer(await balances.Credits(caller.Id, stop), caller.Id.ToString()));
}
