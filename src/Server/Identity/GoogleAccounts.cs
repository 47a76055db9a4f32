using Ledgerline.Persistence;
using Ledgerline.Providers.Google;

namespace Ledgerline.Identity;

/// <summary>Finds the account by Google's id alone, never by e-mail, and makes it the first time.</summary>
internal sealed class GoogleAccounts(Database database, Accounts accounts, SignInSessions sessions, Tokens tokens, IdentityOptions options)
{
    /// <summary>Null when the account was deactivated. The person has an e-mail.</summary>
    public async Task<GoogleSignedIn?> SignIn(GooglePerson person, WhenNew whenNew, CancellationToken stop)
    {
        var profile = new NewAccount(IdentityKind.Google, person.Subject, person.Email, person.EmailVerified, person.Name, person.PictureUrl);
        var (account, isNew, sessionId) = await database.Write(
            async transaction =>
            {
                var created = await accounts.Create(transaction, profile, stop);
                if (created is { } id)
                {
                    await whenNew(transaction, id, stop);
                }

                var found = created ?? (await Accounts.FindIdentity(transaction, profile.Kind, profile.Subject, stop))!.Account;
                if (created is null)
                {
                    await accounts.RefreshProfile(transaction, found, profile, stop);
                }

                var account = (await Accounts.Find(transaction, found, stop))!;
                return (account, created is not null, account.IsActive
                    ? await sessions.Begin(transaction, found, IdentityKind.Google, options.DesktopLifetime, stop)
                    : null);
            },
            stop);
        return sessionId is null
            ? null
            : new GoogleSignedIn(account, isNew, await tokens.Issue(account.Id, sessionId, options.DesktopLifetime, stop));
    }
}
