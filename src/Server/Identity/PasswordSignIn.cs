using Ledgerline.Http;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>
/// Signs in with e-mail and password. An unknown e-mail, a wrong password and an account without one are told apart neither by the
/// answer nor by its time.
/// </summary>
internal sealed class PasswordSignIn(
    RateLimiter limiter, SignInFailures failures, Passwords passwords, SignIns signIns, Database database, ILogger<PasswordSignIn> log)
{
    /// <summary>Answers the session's tokens, or why not.</summary>
    /// <param name="wrong">What to say when nobody has this e-mail and password.</param>
    public async Task<(TokenAnswer? Tokens, Refusal? Refusal)> Run(HttpContext context, string wrong, CancellationToken stop)
    {
        var readings = await LogInForm.Read(context.Request, stop);
        if (await limiter.Take(context, readings[^1].Email, stop) is { } refusal)
        {
            return (null, refusal);
        }

        var emails = readings.Select(reading => reading.Email).Distinct().ToList();
        if (await LockedFor(emails, stop) is { } locked)
        {
            return (null, Locked(locked));
        }

        foreach (var reading in readings)
        {
            if (await Find(reading, stop) is { } right)
            {
                var (session, lockedMeanwhile) = await Succeed(right, reading, stop);
                return lockedMeanwhile is { } left ? (null, Locked(left)) : (await signIns.Answer(session!, stop), null);
            }
        }

        TimeSpan? lockedBefore = null;
        foreach (var email in emails)
        {
            lockedBefore = await failures.Count(email, stop) ?? lockedBefore;
        }

        return (null, lockedBefore is { } longer ? Locked(longer) : Refusal.Unauthorized(wrong));
    }

    private async Task<TimeSpan?> LockedFor(List<string> emails, CancellationToken stop)
    {
        TimeSpan? longest = null;
        foreach (var email in emails)
        {
            if (await failures.LockedFor(email, stop) is { } left && !(longest > left))
            {
                longest = left;
            }
        }

        return longest;
    }

    private async Task<FoundPassword?> Find(Credentials reading, CancellationToken stop)
    {
        // What cannot be an address is in no table, but it costs the same.
        var found = EmailAddress.IsPlausible(reading.Email)
            ? await database.Read(session => Accounts.FindIdentity(session, IdentityKind.Password, reading.Email, stop), stop)
            : null;
        var check = await passwords.Check(found?.PasswordHash, reading.Password, stop);
        return check.IsRight && found!.IsActive ? new FoundPassword(found, check.IsOutdated) : null;
    }

    private async Task<(BegunSession? Session, TimeSpan? Locked)> Succeed(FoundPassword right, Credentials reading, CancellationToken stop)
    {
        var newHash = right.IsOutdated ? await passwords.Hash(reading.Password, stop) : null;
        return await database.Write<(BegunSession?, TimeSpan?)>(
            async transaction =>
            {
                // Guesses that ran beside this one may have locked it: then the right one tells nothing either.
                if (await failures.LockedFor(transaction, reading.Email, stop) is { } left)
                {
                    return (null, left);
                }

                await SignInFailures.Forget(transaction, reading.Email, stop);
                if (newHash is not null)
                {
                    await Accounts.RenewHash(transaction, IdentityKind.Password, reading.Email, right.Identity.PasswordHash!, newHash, stop);
                }

                return (await signIns.Begin(transaction, right.Identity.Account, IdentityKind.Password, stop), null);
            },
            stop);
    }

    private Refusal Locked(TimeSpan left)
    {
        log.LogWarning("A sign-in was refused because its identity is locked for another {Seconds} s", (long)left.TotalSeconds);
        return Refusal.TooManyRequests(left, "Too many failed sign-ins. Please try again later.");
    }

    private sealed record FoundPassword(FoundIdentity Identity, bool IsOutdated);
}
