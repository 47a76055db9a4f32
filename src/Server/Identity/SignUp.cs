using Ledgerline.Http;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /auth/register</c>: a new account with e-mail and password, signed in. Of several at the same time one succeeds.</summary>
internal static class SignUp
{
    public static async Task<Results<Ok<TokenAnswer>, Refusal>> Handle(
        HttpContext context, Body<Request> body, RateLimiter limiter, Passwords passwords, Accounts accounts, SignIns signIns, Database database, CancellationToken stop)
    {
        var email = EmailOf(body.Value);
        var password = PasswordOf(body.Value);
        if (await limiter.Take(context, email, stop) is { } refusal)
        {
            return refusal;
        }

        var account = new NewAccount(
            IdentityKind.Password, email, email, PasswordHash: await passwords.Hash(password, stop), Platform: Platform.Of(context.Request));
        var session = await database.Write(
            async transaction => await accounts.Create(transaction, account, stop) is { } id
                ? await signIns.Begin(transaction, id, IdentityKind.Password, stop)
                : null,
            stop);
        return session is null ? Refusal.BadRequest("Email already registered") : TypedResults.Ok(await signIns.Answer(session, stop));
    }

    private static string EmailOf(Request request)
    {
        var email = EmailAddress.Normalize(request.Email ?? throw Invalid.Missing("body", "email"));
        return EmailAddress.IsPlausible(email) ? email : throw new Invalid("body", "email", "Not a valid e-mail address");
    }

    private static string PasswordOf(Request request) => (request.Password ?? throw Invalid.Missing("body", "password")) is { Length: > 0 and <= Passwords.Longest } password
        ? password
        : throw new Invalid("body", "password", $"The password must have 1 to {Passwords.Longest} characters");

    /// <param name="Email">Trimmed; compared in lower case.</param>
    /// <param name="Password">1 to 256 characters, any.</param>
    internal sealed record Request(string? Email, string? Password);
}
