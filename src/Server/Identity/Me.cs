using Ledgerline.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>GET /users/me</c> and <c>GET /protected</c>: who is signed in.</summary>
internal static class Me
{
    public static async Task<Results<Ok<Answer>, Refusal>> Handle(CurrentAccount current, Accounts accounts, CancellationToken stop) =>
        await accounts.Find(current.Id, stop) is { } account
            ? TypedResults.Ok(new Answer(
                account.Number, account.Email ?? "", account.IsActive, account.IsAdmin, account.FullName ?? LocalPart(account.Email), account.FullName))
            : Gone();

    public static async Task<Results<Ok<Greeting>, Refusal>> Greet(CurrentAccount current, Accounts accounts, CancellationToken stop) =>
        await accounts.Find(current.Id, stop) is { } account ? TypedResults.Ok(new Greeting($"Hello, {account.Email}")) : Gone();

    private static Refusal Gone() => Refusal.Unauthorized("Could not validate credentials");

    private static string LocalPart(string? email) => email?.Split('@')[0] ?? "";

    /// <param name="Id">The account's number.</param>
    /// <param name="Name">The full name, else what stands before the @ of the e-mail.</param>
    internal sealed record Answer(long Id, string Email, bool IsActive, bool IsAdmin, string Name, string? FullName);

    internal sealed record Greeting(string Message);
}
