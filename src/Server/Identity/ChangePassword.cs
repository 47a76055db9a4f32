using Ledgerline.Http;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Identity;

/// <summary><c>POST /auth/change-password</c>: ends every other sign-in session. A stolen token cannot guess the old password for long.</summary>
internal sealed class ChangePassword(Passwords passwords, SignInFailures failures, SignInSessions sessions, Database database)
{
    public static Task<Results<Ok<PhoneForm.Said>, Refusal>> Handle(
        HttpContext context, CurrentAccount current, Body<Request> body, ChangePassword change, CancellationToken stop) =>
        change.Run(context, current, body.Value, stop);

    /// <summary>Under this name the lock-out counts wrong old passwords.</summary>
    public static string Guesses(AccountId account) => $"password of {account}";

    private async Task<Results<Ok<PhoneForm.Said>, Refusal>> Run(HttpContext context, CurrentAccount current, Request form, CancellationToken stop)
    {
        var oldPassword = form.OldPassword ?? form.CurrentPassword ?? throw Invalid.Missing("body", "old_password");
        var newPassword = PhoneForm.NewPasswordOf(form.NewPassword, context.Request.Query);
        if (await failures.LockedFor(Guesses(current.Id), stop) is { } locked)
        {
            return Locked(locked);
        }

        if (await database.Read(session => Accounts.FindPassword(session, current.Id, stop), stop) is not { } stored)
        {
            return Refusal.BadRequest("No password set for this user");
        }

        if (!(await passwords.Check(stored.PasswordHash, oldPassword, stop)).IsRight)
        {
            return await failures.Count(Guesses(current.Id), stop) is { } lockedBefore ? Locked(lockedBefore) : Refusal.BadRequest("Invalid old password");
        }

        var hash = await passwords.Hash(newPassword, stop);
        var isChanged = await database.Write(
            async transaction =>
            {
                // Guesses that ran beside this one may have locked it, and somebody else may have changed it.
                if (await failures.LockedFor(transaction, Guesses(current.Id), stop) is not null
                    || !await Accounts.RenewHash(transaction, stored.Kind, stored.Subject, stored.PasswordHash, hash, stop))
                {
                    return false;
                }

                await SignInFailures.Forget(transaction, Guesses(current.Id), stop);
                await sessions.EndAll(transaction, current.Id, except: current.SessionId, stop);
                return true;
            },
            stop);
        return isChanged ? TypedResults.Ok(new PhoneForm.Said("Password changed successfully")) : Refusal.BadRequest("Invalid old password");
    }

    private static Refusal Locked(TimeSpan left) => Refusal.TooManyRequests(left, "Too many wrong passwords. Please try again later.");

    /// <param name="OldPassword">The password until now; <paramref name="CurrentPassword"/> is another name for it.</param>
    /// <param name="NewPassword">1 to 256 characters, any; may be in the query instead.</param>
    internal sealed record Request(string? OldPassword, string? CurrentPassword, string? NewPassword);
}
