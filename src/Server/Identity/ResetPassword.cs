using Ledgerline.Http;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /auth/reset-password</c>: a new password for whoever has the phone; everybody who is signed in is out.</summary>
internal sealed class ResetPassword(
    RateLimiter limiter, OneTimeCodes codes, Passwords passwords, SignInSessions sessions, Database database)
{
    public static Task<Results<Ok<PhoneForm.Said>, Refusal>> Handle(HttpContext context, Body<Request> body, ResetPassword reset, CancellationToken stop) =>
        reset.Run(context, body.Value, stop);

    private async Task<Results<Ok<PhoneForm.Said>, Refusal>> Run(HttpContext context, Request form, CancellationToken stop)
    {
        var (number, digits) = (PhoneForm.NumberOf(form.MobileNumber), PhoneForm.DigitsOf(form.Otp));
        var password = PhoneForm.NewPasswordOf(form.NewPassword, context.Request.Query);
        if (await limiter.Take(context, number.Value, stop) is { } refusal)
        {
            return refusal;
        }

        var check = await database.Write(transaction => codes.Check(transaction, number, CodePurpose.Reset, digits, stop), stop);
        if (check.Verdict != CodeVerdict.Right)
        {
            return Refusal.BadRequest(check.Verdict == CodeVerdict.Expired ? "OTP expired" : "Invalid OTP");
        }

        // Hashing takes long: only for who may, and not while the database waits.
        var hash = await passwords.Hash(password, stop);
        var isReset = await database.Write(
            async transaction =>
            {
                if (!await codes.Use(transaction, number, CodePurpose.Reset, check, stop)
                    || await Accounts.Find(transaction, check.Account!.Value, stop) is not { IsActive: true } account)
                {
                    return false;
                }

                await Accounts.SetPassword(transaction, number, hash, stop);
                await SignInFailures.Forget(transaction, ChangePassword.Guesses(account.Id), stop);
                await sessions.EndAll(transaction, account.Id, except: null, stop);
                return true;
            },
            stop);
        return isReset ? TypedResults.Ok(new PhoneForm.Said("Password reset successfully")) : Refusal.BadRequest("Invalid OTP");
    }

    /// <param name="MobileNumber">As the code was asked for.</param>
    /// <param name="Otp">The six digits.</param>
    /// <param name="NewPassword">1 to 256 characters, any; may be in the query instead.</param>
    internal sealed record Request(string? MobileNumber, string? Otp, string? NewPassword);
}
