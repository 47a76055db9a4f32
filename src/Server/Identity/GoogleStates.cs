using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>A consent page that somebody was sent to.</summary>
/// <param name="State">Comes back with a browser; 43 characters.</param>
/// <param name="Nonce">Comes back inside the ID token.</param>
/// <param name="CodeVerifier">For browsers: the secret behind the code challenge.</param>
internal sealed record GoogleState(string State, string Nonce, string? CodeVerifier);

/// <summary>What was remembered with a state that came back.</summary>
internal sealed record UsedState(string Nonce, string? CodeVerifier)
{
    /// <summary>True for the nonce that was sent. A browser's token must have it; elsewhere the address may have been rewritten on the way.</summary>
    public bool Expects(string? nonce) => nonce == Nonce || (nonce is null && CodeVerifier is null);
}

/// <summary>The states of consent pages: ten minutes, one use, whatever node they come back to.</summary>
internal sealed class GoogleStates(Database database, SecretBox box, Ids ids, TimeProvider clock)
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private const int NonceBytes = 16;
    private const int MacBytes = 16;

    private readonly byte[] nonceKey = box.KeyFor("google nonces");

    /// <param name="browserSecret">What the browser's cookie holds or will hold; null for a client that is no browser.</param>
    public async Task<GoogleState> New(string? browserSecret, CancellationToken stop)
    {
        var state = new GoogleState(ids.Secret(), NewNonce(), browserSecret is null ? null : ids.Secret());
        await database.Write(
            transaction => transaction.Execute(
                """
                INSERT INTO google_states (state_hash, nonce, code_verifier, browser_hash, expires_at)
                VALUES (@hash, @Nonce, @CodeVerifier, @browserHash, @expires)
                """,
                new
                {
                    hash = SecretHash.Of(state.State),
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

        // Of several that come with one state only one deletes it.
        var row = await database.Write(
            transaction => transaction.Maybe<Row>(
                "DELETE FROM google_states WHERE state_hash = @hash RETURNING nonce, code_verifier, browser_hash, expires_at",
                new { hash = SecretHash.Of(state) },
                stop),
            stop);
        return row is not null && row.ExpiresAt > clock.GetUtcNow() && IsSameBrowser(row.BrowserHash, browserSecret)
            ? new UsedState(row.Nonce, row.CodeVerifier)
            : null;
    }

    /// <summary>True for a nonce that this product made. The desktop client brings no state to compare it with.</summary>
    public bool IsOurs(string nonce)
    {
        byte[] bytes;
        try
        {
            bytes = Base64Url.DecodeFromChars(nonce);
        }
        catch (FormatException)
        {
            return false;
        }

        return bytes.Length == NonceBytes + MacBytes && CryptographicOperations.FixedTimeEquals(Mac(bytes.AsSpan(0, NonceBytes)), bytes.AsSpan(NonceBytes));
    }

    public Task<int> ForgetOld(CancellationToken stop) => database.Write(
        transaction => transaction.Execute("DELETE FROM google_states WHERE expires_at < @now", new { now = clock.GetUtcNow() }, stop), stop);

    private static bool IsSameBrowser(string? hash, string? secret) =>
        hash is null || (secret is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(hash), Encoding.ASCII.GetBytes(SecretHash.Of(secret))));

    private string NewNonce()
    {
        var random = ids.Bytes(NonceBytes);
        return Base64Url.EncodeToString([.. random, .. Mac(random)]);
    }

    private ReadOnlySpan<byte> Mac(ReadOnlySpan<byte> random) => HMACSHA256.HashData(nonceKey, random).AsSpan(0, MacBytes);

    private sealed class Row
    {
        public required string Nonce { get; init; }
        public string? CodeVerifier { get; init; }
        public string? BrowserHash { get; init; }
        public DateTimeOffset ExpiresAt { get; init; }
    }
}
