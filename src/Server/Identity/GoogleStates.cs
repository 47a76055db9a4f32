using System.Security.Cryptography;
using System.Text;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>A consent page that somebody was sent to.</summary>
/// <param name="State">Comes back with a browser; 43 characters.</param>
/// <param name="Nonce">Comes back inside the ID token, and so with clients that drop the state: the state's hash, under which it is kept.</param>
/// <param name="CodeVerifier">For browsers: the secret behind the code challenge.</param>
internal sealed record GoogleState(string State, string Nonce, string? CodeVerifier);

/// <summary>What was remembered with a state that came back.</summary>
internal sealed record UsedState(string Nonce, string? CodeVerifier)
{
    /// <summary>True for the nonce that was sent. A browser's token must have it; elsewhere the address may have been rewritten on the way.</summary>
    public bool Expects(string? nonce) => nonce == Nonce || (nonce is null && CodeVerifier is null);
}

/// <summary>The states of consent pages: ten minutes, one use, whatever node they come back to.</summary>
internal sealed class GoogleStates(Database database, Ids ids, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    /// <param name="browserSecret">What the browser's cookie holds or will hold; null for a client that is no browser.</param>
    public async Task<GoogleState> New(string? browserSecret, CancellationToken stop)
    {
        var secret = ids.Secret();
        var state = new GoogleState(secret, SecretHash.Of(secret), browserSecret is null ? null : ids.Secret());
        await database.Write(
            transaction => transaction.Execute(
                """
                INSERT INTO google_states (state_hash, nonce, code_verifier, browser_hash, expires_at)
                VALUES (@Nonce, @Nonce, @CodeVerifier, @browserHash, @expires)
                """,
                new
                {
                    state.Nonce,
                    state.CodeVerifier,
                    browserHash = browserSecret is null ? null : SecretHash.Of(browserSecret),
                    expires = clock.GetUtcNow() + Lifetime,
                },
                stop),
            stop);
        return state;
    }

    /// <summary>Uses the state up. Null when it is unknown, used, over, or came back with another browser.</summary>
    public async Task<UsedState?> Use(string? state, string? browserSecret, CancellationToken stop)
    {
        if (string.IsNullOrEmpty(state))
        {
            return null;
        }

        var row = await Take(SecretHash.Of(state), stop);
        return row is not null && IsSameBrowser(row.BrowserHash, browserSecret) ? new UsedState(row.Nonce, row.CodeVerifier) : null;
    }

    /// <summary>Uses up the state that this nonce was sent with. False when it is unknown, used or over.</summary>
    public async Task<bool> UseNonce(string nonce, CancellationToken stop) =>
        nonce.Length == SecretHash.Length && nonce.All(char.IsAsciiHexDigitLower) && await Take(nonce, stop) is not null;

    public Task<int> ForgetOld(CancellationToken stop) => database.Write(
        transaction => transaction.Execute("DELETE FROM google_states WHERE expires_at < @now", new { now = clock.GetUtcNow() }, stop), stop);

    private static bool IsSameBrowser(string? hash, string? secret) =>
        hash is null || (secret is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(SecretHash.Of(secret))));

    // Of several that come with one state only one deletes it.
    private async Task<Row?> Take(string hash, CancellationToken stop)
    {
        var row = await database.Write(
            transaction => transaction.Maybe<Row>(
                "DELETE FROM google_states WHERE state_hash = @hash RETURNING nonce, code_verifier, browser_hash, expires_at", new { hash }, stop),
            stop);
        return row?.ExpiresAt > clock.GetUtcNow() ? row : null;
    }

    private sealed class Row
    {
        public required string Nonce { get; init; }
        public string? CodeVerifier { get; init; }
        public string? BrowserHash { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
    }
}
