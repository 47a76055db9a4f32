using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>Whose refresh token was presented, and its hash: the parent of what is given for it.</summary>
internal sealed record PresentedToken(AccountId Account, string SessionId, string Hash);

/// <summary>
/// Refresh tokens: random, stored hashed, one family a sign-in session. A token stays usable until one of its successors has been
/// presented, because an unchanged client never stores the successor; presented after that it was stolen, and the family ends.
/// </summary>
internal sealed class RefreshTokens(SignInSessions sessions, IdentityOptions options, Ids ids, TimeProvider clock)
{
    /// <param name="parent">The token that was presented for this one; null for the first of a session.</param>
    public async Task<string> Give(Transaction transaction, AccountId account, string sessionId, string? parent, CancellationToken stop)
    {
        var (token, now) = (ids.Secret(), clock.GetUtcNow());
        var row = new { hash = SecretHash.Of(token), account, sessionId, parent, now, expires = now + options.RefreshLifetime };
        await transaction.Execute(
            """
            INSERT INTO refresh_tokens (token_hash, account_id, session_id, parent_hash, created_at, expires_at)
            VALUES (@hash, @account, @sessionId, @parent, @now, @expires)
            """,
            row,
            stop);
        await transaction.Execute(
            "UPDATE sign_in_sessions SET expires_at = @expires WHERE account_id = @account AND id = @sessionId AND expires_at < @expires", row, stop);
        return token;
    }

    /// <summary>Null when the token is not good; whoever presents a dead one has ended its family.</summary>
    public async Task<PresentedToken?> Present(Transaction transaction, string token, CancellationToken stop)
    {
        var (hash, now) = (SecretHash.Of(token), clock.GetUtcNow());
        if (await transaction.Maybe<Row>("SELECT account_id, session_id FROM refresh_tokens WHERE token_hash = @hash", new { hash }, stop) is not { } found)
        {
            return null;
        }

        // Tokens of one family are judged one after another, whatever node they come to.
        var stands = await transaction.Maybe<bool>(
            """
            SELECT (SELECT a.is_active FROM accounts a WHERE a.account_id = s.account_id) FROM sign_in_sessions s
            WHERE s.account_id = @AccountId AND s.id = @SessionId AND s.revoked_at IS NULL {for update}
            """,
            found,
            stop);
        var row = await transaction.Maybe<Row>(
            "SELECT account_id, session_id, parent_hash, expires_at, dead_at FROM refresh_tokens WHERE token_hash = @hash", new { hash }, stop);
        if (!stands || row is null || row.ExpiresAt <= now)
        {
            return null;
        }

        if (row.DeadAt is not null)
        {
            await sessions.End(transaction, row.AccountId, row.SessionId, stop);
            return null;
        }

        await transaction.Execute(
            "UPDATE refresh_tokens SET dead_at = @now WHERE token_hash = @parent AND dead_at IS NULL", new { now, parent = row.ParentHash }, stop);
        return new PresentedToken(row.AccountId, row.SessionId, hash);
    }

    /// <summary>The family that a presented token belongs to, good or not; null for a token that we did not give.</summary>
    public static Task<string?> FamilyOf(Database database, string token, CancellationToken stop) => database.Read(
        session => session.Maybe<string>("SELECT session_id FROM refresh_tokens WHERE token_hash = @hash", new { hash = SecretHash.Of(token) }, stop), stop);

    private sealed class Row
    {
        public AccountId AccountId { get; init; }
        public required string SessionId { get; init; }
        public string? ParentHash { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
        public DateTimeOffset? DeadAt { get; init; }
    }
}
