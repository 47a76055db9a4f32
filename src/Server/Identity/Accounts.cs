using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>What a new account starts with.</summary>
/// <param name="PasswordHash">For a password identity.</param>
/// <param name="Platform">What registers it: one of <see cref="Identity.Platform"/>.</param>
internal sealed record NewAccount(
    string Kind, string Subject, string? Email, bool EmailVerified = false, string? Name = null, string? PictureUrl = null, string? PasswordHash = null,
    string Platform = Platform.WebBusiness);

/// <summary>An account as one way to sign in finds it.</summary>
internal sealed record FoundIdentity(AccountId Account, string? PasswordHash, bool IsActive);

/// <summary>A password as it is stored, and with which way to sign in.</summary>
internal sealed class StoredPassword
{
    public required string Kind { get; init; }
    public required string Subject { get; init; }
    public required string PasswordHash { get; init; }
}

/// <summary>The door to accounts: who somebody is.</summary>
public sealed class Accounts(Database database, Outbox outbox, Ids ids, TimeProvider clock)
{
    private const string Columns = "account_id AS id, number, email, name, full_name, picture_url, platform, is_active, is_admin, created_at, updated_at";

    /// <summary>Null when there is no such account.</summary>
    public Task<Account?> Find(AccountId id, CancellationToken stop = default) => database.Read(session => Find(session, id, stop), stop);

    /// <summary>The provider's own id of the person, which stays when accounts come and go; null when the account does not sign in this way.</summary>
    public static Task<string?> FindSubject(Session session, AccountId id, string kind, CancellationToken stop = default) =>
        session.Maybe<string>("SELECT subject FROM identities WHERE account_id = @id AND kind = @kind", new { id, kind }, stop);

    /// <summary>The number that the account signs in with; null when it has none.</summary>
    public Task<PhoneIdentity?> FindPhone(AccountId id, CancellationToken stop = default) => database.Read(
        session => session.Maybe<PhoneIdentity>(
            """
            SELECT i.subject AS number, i.verified_at, a.is_active FROM identities i JOIN accounts a ON a.account_id = i.account_id
            WHERE i.account_id = @id AND i.kind = @kind
            """,
            new { id, kind = IdentityKind.Phone },
            stop),
        stop);

    /// <summary>The active account that signs in with this number.</summary>
    internal async Task<AccountId?> FindActive(PhoneNumber number, CancellationToken stop) =>
        await database.Read(session => FindIdentity(session, IdentityKind.Phone, number.Value, stop), stop) is { IsActive: true } found ? found.Account : null;

    /// <summary>The account's way to sign in that has a password; null when none has.</summary>
    internal static Task<StoredPassword?> FindPassword(Session session, AccountId id, CancellationToken stop) => session.Maybe<StoredPassword>(
        "SELECT kind, subject, password_hash FROM identities WHERE account_id = @id AND password_hash IS NOT NULL ORDER BY kind LIMIT 1", new { id }, stop);

    /// <summary>Who has operators' rights and an address that mail can be sent to.</summary>
    public static Task<IReadOnlyList<AccountId>> Operators(Session session, CancellationToken stop = default) => session.List<AccountId>(
        "SELECT account_id FROM accounts WHERE is_admin AND is_active AND email IS NOT NULL AND email <> '' ORDER BY account_id", stop: stop);

    internal static Task<Account?> Find(Session session, AccountId id, CancellationToken stop) =>
        session.Maybe<Account>($"SELECT {Columns} FROM accounts WHERE account_id = @id", new { id }, stop);

    internal static async Task<FoundIdentity?> FindIdentity(Session session, string kind, string subject, CancellationToken stop) =>
        await session.Maybe<IdentityRow>(
            """
            SELECT i.account_id, i.password_hash, a.is_active FROM identities i JOIN accounts a ON a.account_id = i.account_id
            WHERE i.kind = @kind AND i.subject = @subject
            """,
            new { kind, subject },
            stop) is { } row
            ? new FoundIdentity(row.AccountId, row.PasswordHash, row.IsActive)
            : null;

    /// <summary>The password account with this e-mail alone, else every other account whose sign-in provider has verified it.</summary>
    internal static async Task<IReadOnlyList<AccountId>> FindByEmail(Session session, string email, CancellationToken stop) =>
        await FindIdentity(session, IdentityKind.Password, email, stop) is { } identity
            ? [identity.Account]
            : await session.List<AccountId>("SELECT account_id FROM accounts WHERE LOWER(email) = @email AND email_verified", new { email }, stop);

    /// <summary>Creates the account and tells everyone who listens, or answers null when somebody has this identity already.</summary>
    internal async Task<AccountId?> Create(Transaction transaction, NewAccount account, CancellationToken stop)
    {
        var (id, now) = (new AccountId(ids.Uuid()), clock.GetUtcNow());
        var isFirst = await transaction.Execute(
            """
            INSERT INTO identities (kind, subject, account_id, password_hash, created_at) VALUES (@Kind, @Subject, @id, @PasswordHash, @now)
            ON CONFLICT (kind, subject) DO NOTHING
            """,
            new { account.Kind, account.Subject, id, account.PasswordHash, now },
            stop);
        if (isFirst == 0)
        {
            return null;
        }

        // A random number may be taken; then the next one is not.
        while (await transaction.Execute(
            """
            INSERT INTO accounts (account_id, number, email, email_verified, name, picture_url, platform, created_at, updated_at)
            VALUES (@id, @number, @Email, @EmailVerified, @Name, @PictureUrl, @Platform, @now, @now)
            ON CONFLICT (number) DO NOTHING
            """,
            new { id, number = ids.Number(), account.Email, account.EmailVerified, account.Name, account.PictureUrl, account.Platform, now },
            stop) == 0)
        {
        }

        await outbox.Publish(transaction, new AccountCreated(id, account.Kind, account.Platform), stop: stop);
        return id;
    }

    /// <summary>False when the password was changed in the meantime; then nothing happens.</summary>
    internal static async Task<bool> RenewHash(
        Transaction transaction, string kind, string subject, string oldHash, string newHash, CancellationToken stop) =>
        await transaction.Execute(
            "UPDATE identities SET password_hash = @newHash WHERE kind = @kind AND subject = @subject AND password_hash = @oldHash",
            new { kind, subject, oldHash, newHash },
            stop) == 1;

    /// <summary>Whatever it was before.</summary>
    internal static Task SetPassword(Transaction transaction, PhoneNumber number, string hash, CancellationToken stop) => transaction.Execute(
        "UPDATE identities SET password_hash = @hash WHERE kind = @kind AND subject = @subject",
        new { hash, kind = IdentityKind.Phone, subject = number.Value },
        stop);

    /// <summary>The number is its account's: a code has shown it.</summary>
    internal Task Verify(Transaction transaction, PhoneNumber number, CancellationToken stop) => transaction.Execute(
        "UPDATE identities SET verified_at = @now WHERE kind = @kind AND subject = @subject AND verified_at IS NULL",
        new { now = clock.GetUtcNow(), kind = IdentityKind.Phone, subject = number.Value },
        stop);

    /// <summary>What the sign-in provider says today.</summary>
    internal Task RefreshProfile(Transaction transaction, AccountId id, NewAccount profile, CancellationToken stop) => transaction.Execute(
        """
        UPDATE accounts SET email = @Email, email_verified = @EmailVerified, name = @Name, picture_url = @PictureUrl, updated_at = @now
        WHERE account_id = @id
        """,
        new { id, profile.Email, profile.EmailVerified, profile.Name, profile.PictureUrl, now = clock.GetUtcNow() },
        stop);

    internal Task Rename(AccountId id, string fullName, CancellationToken stop) => database.Write(
        transaction => transaction.Execute(
            "UPDATE accounts SET full_name = @fullName, updated_at = @now WHERE account_id = @id", new { id, fullName, now = clock.GetUtcNow() }, stop),
        stop);

    internal Task MakeAdmin(Transaction transaction, AccountId id, CancellationToken stop) => transaction.Execute(
        "UPDATE accounts SET is_admin = @yes, updated_at = @now WHERE account_id = @id", new { id, yes = true, now = clock.GetUtcNow() }, stop);

    private sealed class IdentityRow
    {
        public AccountId AccountId { get; init; }
        public string? PasswordHash { get; init; }
        public bool IsActive { get; init; }
    }
}
