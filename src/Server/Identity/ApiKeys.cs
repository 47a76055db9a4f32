using System.Security.Cryptography;
using System.Text;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.Extensions.Caching.Memory;

namespace Ledgerline.Identity;

/// <summary>
/// The door to API keys: 256 random bits, stored as a hash. Revoking one reaches this node at once and every other within 30 seconds.
/// </summary>
public sealed class ApiKeys(Database database, Ids ids, TimeProvider clock) : IDisposable
{
    public const string Prefix = "lk_";

    /// <summary>So many keys an account may have at a time.</summary>
    public const int Most = 100;

    private const int KeyBytes = 32;
    private const int KeyLength = 3 + 43;
    private const int HintLength = 7;
    private const int MostRemembered = 10_000;
    private const string Standing = "revoked_at IS NULL AND (expires_at IS NULL OR expires_at > @now)";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UseStep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Kept = TimeSpan.FromDays(400);
    private static readonly MemoryCacheEntryOptions Remembered = new() { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(10) };

    private readonly MemoryCache known = new(new MemoryCacheOptions { SizeLimit = MostRemembered });
    private readonly Lock remembering = new();
    private long endings;

    /// <summary>The key itself is answered here and never again; null when the account has as many as it may.</summary>
    public Task<(ApiKey Key, string Secret)?> Create(AccountId account, ApiKeyOrder order, CancellationToken stop = default) =>
        database.Write<(ApiKey, string)?>(
            async transaction =>
            {
                var (id, secret, now) = (ids.Text(), Prefix + ids.Secret(KeyBytes), clock.GetUtcNow());
                // The account's row is the lock that keeps two creations from passing the count together.
                await transaction.Maybe<string>("SELECT account_id FROM accounts WHERE account_id = @account {for update}", new { account }, stop);
                var standing = await transaction.One<long>($"SELECT COUNT(*) FROM api_keys WHERE account_id = @account AND {Standing}", new { account, now }, stop);
                if (standing >= Most)
                {
                    return null;
                }

                var row = new ApiKeyRow
                {
                    AccountId = account,
                    Id = id,
                    KeyHash = SecretHash.Of(secret),
                    Prefix = secret[..HintLength],
                    LastFour = secret[^4..],
                    Name = order.Name,
                    Scopes = string.Join(' ', order.Scopes),
                    SpendLimitMicro = order.SpendLimit?.Micro,
                    CreatedAt = now,
                    ExpiresAt = order.ExpiresAt,
                };
                await transaction.Execute(
                    """
                    INSERT INTO api_keys (account_id, id, key_hash, prefix, last_four, name, scopes, spend_limit_micro, created_at, expires_at)
                    VALUES (@AccountId, @Id, @KeyHash, @Prefix, @LastFour, @Name, @Scopes, @SpendLimitMicro, @CreatedAt, @ExpiresAt)
                    """,
                    row,
                    stop);
                return (row.Shown(), secret);
            },
            stop);

    /// <summary>Those that nobody has revoked, the newest first.</summary>
    public async Task<IReadOnlyList<ApiKey>> List(AccountId account, CancellationToken stop = default)
    {
        var rows = await database.Read(
            session => session.List<ApiKeyRow>(
                $"SELECT {ApiKeyRow.Columns} FROM api_keys WHERE account_id = @account AND revoked_at IS NULL ORDER BY created_at DESC, id DESC",
                new { account },
                stop),
            stop);
        return [.. rows.Select(row => row.Shown())];
    }

    /// <summary>False when the account has no such key, or had revoked it before.</summary>
    public Task<bool> Revoke(AccountId account, string id, CancellationToken stop = default) => database.Write(
        async transaction =>
        {
            var hash = await transaction.Maybe<string>(
                "UPDATE api_keys SET revoked_at = @now WHERE account_id = @account AND id = @id AND revoked_at IS NULL RETURNING key_hash",
                new { account, id, now = clock.GetUtcNow() },
                stop);
            if (hash is not null)
            {
                transaction.OnCommit(() => Forget(hash));
            }

            return hash is not null;
        },
        stop);

    public void Dispose() => known.Dispose();

    /// <summary>Null for a key that is unknown, over, revoked, or whose account is not active.</summary>
    internal async ValueTask<PresentedKey?> Check(string secret, CancellationToken stop)
    {
        if (secret.Length != KeyLength)
        {
            return null;
        }

        var hash = SecretHash.Of(secret);
        var key = known.TryGetValue(hash, out Memory? remembered) && clock.GetElapsedTime(remembered!.AskedAt) < Fresh
            ? remembered.Key
            : await Ask(hash, stop);
        return key?.ExpiresAt <= clock.GetUtcNow() ? null : key;
    }

    /// <summary>Forgets keys that ended more than 400 days ago.</summary>
    internal Task ForgetOld(CancellationToken stop) => database.Write(
        transaction => transaction.Execute(
            "DELETE FROM api_keys WHERE revoked_at < @since OR expires_at < @since", new { since = clock.GetUtcNow() - Kept }, stop),
        stop);

    private async Task<PresentedKey?> Ask(string hash, CancellationToken stop)
    {
        var (before, askedAt) = (Interlocked.Read(ref endings), clock.GetTimestamp());
        var row = await database.Read(
            session => session.Maybe<ApiKeyRow>(
                $"""
                SELECT {ApiKeyRow.Columns} FROM api_keys WHERE key_hash = @hash AND {Standing}
                    AND EXISTS (SELECT 1 FROM accounts a WHERE a.account_id = api_keys.account_id AND a.is_active)
                """,
                new { hash, now = clock.GetUtcNow() },
                stop),
            stop);
        // The index has compared already; this comparison takes the same time whatever differs.
        if (row is null || !CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(row.KeyHash), Encoding.ASCII.GetBytes(hash)))
        {
            return null;
        }

        var key = row.Presented();
        await NoteUse(row, stop);
        lock (remembering)
        {
            // Somebody may have revoked it between the question and the answer.
            if (Interlocked.Read(ref endings) == before)
            {
                known.Set(hash, new Memory(key, askedAt), Remembered);
            }
        }

        return key;
    }

    private async Task NoteUse(ApiKeyRow row, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        if (row.LastUsedAt is null || now - row.LastUsedAt >= UseStep)
        {
            await database.Write(
                transaction => transaction.Execute(
                    "UPDATE api_keys SET last_used_at = @now WHERE account_id = @AccountId AND id = @Id", new { now, row.AccountId, row.Id }, stop),
                stop);
        }
    }

    private void Forget(string hash)
    {
        lock (remembering)
        {
            Interlocked.Increment(ref endings);
            known.Remove(hash);
        }
    }

    private sealed record Memory(PresentedKey Key, long AskedAt);
}
