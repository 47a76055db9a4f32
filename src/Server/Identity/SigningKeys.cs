using System.Security.Cryptography;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>
/// The key set, in the database and sealed under SECRET_KEY. A new key is published first and used later, when every node has
/// read it; an old one verifies until the longest token that it signed is over. So a rotation signs nobody out.
/// </summary>
internal sealed class SigningKeys(
    Database database, SecretBox box, IdentityOptions options, Ids ids, TimeProvider clock, ILogger<SigningKeys> log) : IDisposable
{
    public static readonly TimeSpan MaximumAge = TimeSpan.FromDays(90);

    /// <summary>Longer than any node goes without reading the set again.</summary>
    public static readonly TimeSpan Lead = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UnknownPause = TimeSpan.FromSeconds(3);
    private const string Purpose = "signing keys";

    private readonly SemaphoreSlim gate = new(1, 1);
    private volatile KeySet? known;

    /// <summary>The key to sign with now.</summary>
    public async ValueTask<SigningKey> Current(CancellationToken stop)
    {
        var keys = (await Known(Fresh, stop)).NewestFirst;
        if (keys.Length == 0)
        {
            await Prepare(stop);
            keys = (await Known(Fresh, stop)).NewestFirst;
        }

        var now = clock.GetUtcNow();
        return keys.FirstOrDefault(key => key.SignsFrom <= now) ?? keys[^1];
    }

    /// <summary>Null when there is no such key, or no longer.</summary>
    public async ValueTask<SigningKey?> Find(string id, CancellationToken stop)
    {
        if ((await Known(Fresh, stop)).ById.TryGetValue(id, out var key))
        {
            return key;
        }

        // Another node may have published it just now; forged ids must not turn every request into a query.
        return (await Known(UnknownPause, stop)).ById.GetValueOrDefault(id);
    }

    /// <summary>Makes the first key if there is none, of several nodes only one, and reads the set.</summary>
    /// <exception cref="FormatException">The keys were sealed under another SECRET_KEY.</exception>
    public async Task Prepare(CancellationToken stop)
    {
        if (await database.Read(session => session.Maybe<long?>("SELECT number FROM signing_keys LIMIT 1", stop: stop), stop) is null)
        {
            await database.Write(transaction => Insert(transaction, 1, clock.GetUtcNow(), stop), stop);
        }

        await Known(TimeSpan.Zero, stop);
    }

    /// <summary>Publishes a new key and says until when the others verify. Null when another node did the same at this moment.</summary>
    public async Task<SigningKey?> Rotate(CancellationToken stop) => await Publish((await Known(TimeSpan.Zero, stop)).NewestFirst[0], stop);

    /// <summary>Rotates when the newest key has served its time.</summary>
    public async Task RotateWhenDue(CancellationToken stop)
    {
        var newest = (await Known(TimeSpan.Zero, stop)).NewestFirst[0];
        if (newest.CreatedAt + MaximumAge <= clock.GetUtcNow())
        {
            await Publish(newest, stop);
        }
    }

    public Task<int> ForgetOld(CancellationToken stop) => database.Write(
        transaction => transaction.Execute("DELETE FROM signing_keys WHERE verifies_until < @now", new { now = clock.GetUtcNow() }, stop), stop);

    public void Dispose() => gate.Dispose();

    private async Task<SigningKey?> Publish(SigningKey newest, CancellationToken stop)
    {
        var signsFrom = clock.GetUtcNow() + Lead;
        var added = await database.Write(
            async transaction =>
            {
                var key = await Insert(transaction, newest.Number + 1, signsFrom, stop);
                if (key is not null)
                {
                    await transaction.Execute(
                        "UPDATE signing_keys SET verifies_until = @until WHERE number <= @Number AND verifies_until IS NULL",
                        new { until = signsFrom + Lead + options.LongestAccess, newest.Number },
                        stop);
                }

                return key;
            },
            stop);
        if (added is not null)
        {
            log.LogInformation("Published signing key {KeyNumber}, which signs from {SignsFrom:O}", added.Number, added.SignsFrom);
        }

        await Known(TimeSpan.Zero, stop);
        return added;
    }

    private async ValueTask<KeySet> Known(TimeSpan youngerThan, CancellationToken stop)
    {
        var set = known;
        if (set is not null && clock.GetElapsedTime(set.ReadAt) < youngerThan)
        {
            return set;
        }

        await gate.WaitAsync(stop);
        try
        {
            // Whoever waited here finds what the one before has read.
            if (known is { } fresh && fresh != set && youngerThan > TimeSpan.Zero)
            {
                return fresh;
            }

            return known = await Read(stop);
        }
        finally
        {
            gate.Release();
        }
    }

    private async Task<KeySet> Read(CancellationToken stop)
    {
        var readAt = clock.GetTimestamp();
        var rows = await database.Read(
            session => session.List<Row>(
                """
                SELECT number, kid, algorithm, sealed, created_at, signs_from FROM signing_keys
                WHERE verifies_until IS NULL OR verifies_until >= @now ORDER BY number DESC
                """,
                new { now = clock.GetUtcNow() },
                stop),
            stop);
        try
        {
            return new KeySet(
                [.. rows.Select(row => SigningKey.From(row.Number, row.Kid, row.Algorithm, box.Open(Purpose, row.Kid, row.Sealed), row.CreatedAt, row.SignsFrom))],
                readAt);
        }
        catch (CryptographicException failure)
        {
            throw new FormatException(
                "SECRET_KEY is not the one that this database's signing keys were sealed under: set the former SECRET_KEY, or give this server a database of its own.",
                failure);
        }
    }

    // Null when another node was first.
    private async Task<SigningKey?> Insert(Transaction transaction, long number, DateTimeOffset signsFrom, CancellationToken stop)
    {
        var (kid, secret, now) = (ids.Secret(12), ids.Bytes(SigningKey.Bytes), clock.GetUtcNow());
        var inserted = await transaction.Execute(
            """
            INSERT INTO signing_keys (number, kid, algorithm, sealed, created_at, signs_from)
            VALUES (@number, @kid, @algorithm, @sealedKey, @now, @signsFrom)
            ON CONFLICT (number) DO NOTHING
            """,
            new { number, kid, algorithm = SigningKey.Hs256, sealedKey = box.Seal(Purpose, kid, secret), now, signsFrom },
            stop);
        return inserted == 0 ? null : SigningKey.From(number, kid, SigningKey.Hs256, secret, now, signsFrom);
    }

    private sealed class KeySet(SigningKey[] newestFirst, long readAt)
    {
        public SigningKey[] NewestFirst { get; } = newestFirst;
        public long ReadAt { get; } = readAt;
        public Dictionary<string, SigningKey> ById { get; } = newestFirst.ToDictionary(key => key.Id, StringComparer.Ordinal);
    }

    private sealed class Row
    {
        public long Number { get; init; }
        public required string Kid { get; init; }
        public required string Algorithm { get; init; }
        public required string Sealed { get; init; }
        public DateTimeOffset CreatedAt { get; init; }
        public DateTimeOffset SignsFrom { get; init; }
    }
}
