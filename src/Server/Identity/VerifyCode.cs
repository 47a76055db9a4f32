using Ledgerline.Http;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /auth/verify-otp</c>: the code that came to the phone signs in.</summary>
internal sealed class VerifyCode(
    RateLimiter limiter, Accounts accounts, OneTimeCodes codes, SignInSessions sessions, Tokens tokens, IdentityOptions options, Database database)
{
    public static Task<Results<Ok<Answer>, Refusal>> Handle(HttpContext context, Body<PhoneForm.Code> body, VerifyCode verify, CancellationToken stop) =>
        verify.Run(context, body.Value, stop);

    private async Task<Results<Ok<Answer>, Refusal>> Run(HttpContext context, PhoneForm.Code form, CancellationToken stop)
    {
        var (number, digits) = (PhoneForm.NumberOf(form.MobileNumber), PhoneForm.DigitsOf(form.Otp));
        if (await limiter.Take(context, number.Value, stop) is { } refusal)
        {
            return refusal;
        }

        var begun = await database.Write(
            async transaction =>
            {
                var check = await codes.Check(transaction, number, CodePurpose.SignIn, digits, stop);
                if (!await codes.Use(transaction, number, CodePurpose.SignIn, check, stop)
                    || await Accounts.Find(transaction, check.Account!.Value, stop) is not { IsActive: true } account)
                {
                    return null;
                }

                await accounts.Verify(transaction, number, stop);
                return new BegunPhoneSession(
                    account, await sessions.Begin(transaction, account.Id, IdentityKind.Phone, options.OneTimeCodeLifetime, stop));
            },
            stop);
        return begun is null
            ? Refusal.Unauthorized("Invalid OTP")
            : TypedResults.Ok(new Answer(await tokens.Issue(begun.Account.Id, begun.SessionId, options.OneTimeCodeLifetime, stop)));
    }

    /// <param name="AccessToken">Good for seven days; there is no refresh token.</param>
    internal sealed record Answer(string AccessToken, string TokenType = "bearer");

    private sealed record BegunPhoneSession(Account Account, string SessionId);
}
