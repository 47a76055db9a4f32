using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>What a client gets that may refresh.</summary>
/// <param name="AccessToken">Good for half an hour.</param>
/// <param name="RefreshToken">Good for 30 days.</param>
internal sealed record TokenAnswer(string AccessToken, string RefreshToken, string TokenType = "bearer");

/// <summary>A session that has begun; its refresh token is seen here and never again.</summary>
internal sealed record BegunSession(AccountId Account, string SessionId, string RefreshToken);

/// <summary>Begins a session in the transaction that decides it, and hands out its tokens once that is durable.</summary>
internal sealed class SignIns(SignInSessions sessions, RefreshTokens refreshTokens, Tokens tokens, IdentityOptions options)
{
    public async Task<BegunSession> Begin(Transaction transaction, AccountId account, string kind, CancellationToken stop)
    {
        var sessionId = await sessions.Begin(transaction, account, kind, options.RefreshLifetime, stop);
        return new BegunSession(account, sessionId, await refreshTokens.Give(transaction, account, sessionId, null, stop));
    }

    /// <summary>Null when the token is not good any more.</summary>
    public async Task<BegunSession?> GoOn(Transaction transaction, string refreshToken, CancellationToken stop) =>
        await refreshTokens.Present(transaction, refreshToken, stop) is { } presented
            ? new BegunSession(
                presented.Account,
                presented.SessionId,
                await refreshTokens.Give(transaction, presented.Account, presented.SessionId, presented.Hash, stop))
            : null;

    public async Task<TokenAnswer> Answer(BegunSession session, CancellationToken stop) =>
        new(await tokens.Issue(session.Account, session.SessionId, options.AccessLifetime, stop), session.RefreshToken);
}
