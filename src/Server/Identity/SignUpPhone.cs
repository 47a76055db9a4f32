using Ledgerline.Http;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary>
/// <c>POST /auth/signup</c>: a new account for a phone number. A number that has one answers the same and changes nothing, or whoever
/// knows a number could give its account a password.
/// </summary>
internal static class SignUpPhone
{
    /// <summary>Longer than an account takes to make.</summary>
    internal static readonly TimeSpan Stroke = TimeSpan.FromMilliseconds(50);

    public static async Task<Results<Ok<PhoneForm.Said>, Refusal>> Handle(
        HttpContext context, Body<Request> body, RateLimiter limiter, Passwords passwords, Accounts accounts, Database database, IdentityOptions options,
        TimeProvider clock, CancellationToken stop)
    {
        var number = PhoneForm.NumberOf(body.Value.MobileNumber);
        var password = body.Value.Password is { } given ? PhoneForm.PasswordOf(given, "body", "password") : null;
        if (await limiter.Take(context, number.Value, stop) is { } refusal)
        {
            return refusal;
        }

        var account = new NewAccount(
            IdentityKind.Phone, number.Value, Email: null, PasswordHash: password is null ? null : await passwords.Hash(password, stop),
            Platform: Platform.Of(context.Request));
        // A new account is more work than one that is there. Who could hear that would know which numbers have one.
        var stroke = options.EchoesCodes ? Task.CompletedTask : Task.Delay(Stroke, clock, stop);
        await database.Write(transaction => accounts.Create(transaction, account, stop), stop);
        await stroke;
        return TypedResults.Ok(new PhoneForm.Said("User registered"));
    }

    /// <param name="MobileNumber">Spaces, dashes and brackets are dropped; ten digits alone are North American.</param>
    /// <param name="Password">1 to 256 characters, any; may be left out.</param>
    internal sealed record Request(string? MobileNumber, string? Password);
}
