using Ledgerline.Persistence;

namespace Ledgerline.Identity;

/// <summary>
/// The lock-out: after ten failures in a row within fifteen minutes a submitted identity, existing or not, is refused for fifteen minutes on
/// every node, the right password included. A success forgets the failures.
/// </summary>
internal sealed class SignInFailures(Database database, TimeProvider clock)
{
    public const int Most = 10;
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(15);
    public static readonly TimeSpan Lock = TimeSpan.FromMinutes(15);

    /// <summary>How long the identity is still locked; null when it is not.</summary>
    public Task<TimeSpan?> LockedFor(string identity, CancellationToken stop) => database.Read(session => LockedFor(session, identity, stop), stop);

    /// <inheritdoc cref="LockedFor(string, CancellationToken)"/>
    public async Task<TimeSpan?> LockedFor(Session session, string identity, CancellationToken stop) =>
        Left((await session.Maybe<Row>(
            "SELECT locked_until FROM sign_in_failures WHERE identity_hash = @hash", new { hash = SecretHash.Of(identity) }, stop))?.LockedUntil);

    /// <summary>Counts a failure. Answers how long the identity was locked before this one came: guesses made at the same time learn nothing.</summary>
    public Task<TimeSpan?> Count(string identity, CancellationToken stop) => database.Write(
        async transaction =>
        {
            var (hash, now) = (SecretHash.Of(identity), clock.GetUtcNow());
            await transaction.Execute(
                "INSERT INTO sign_in_failures (identity_hash, failures, since) VALUES (@hash, 0, @now) ON CONFLICT (identity_hash) DO NOTHING",
                new { hash, now },
                stop);
            var row = await transaction.One<Row>(
                "SELECT failures, since, locked_until FROM sign_in_failures WHERE identity_hash = @hash {for update}", new { hash }, stop);
            if (Left(row.LockedUntil) is { } left)
            {
                return left;
            }

            var isOver = row.LockedUntil is not null || row.Since + Window <= now;
            var failures = isOver ? 1 : row.Failures + 1;
            await transaction.Execute(
                "UPDATE sign_in_failures SET failures = @failures, since = @since, locked_until = @until WHERE identity_hash = @hash",
                new { hash, failures, since = isOver ? now : row.Since, until = failures >= Most ? now + Lock : (DateTimeOffset?)null },
                stop);
            return (TimeSpan?)null;
        },
        stop);

    public static Task Forget(Transaction transaction, string identity, CancellationToken stop) => transaction.Execute(
        "DELETE FROM sign_in_failures WHERE identity_hash = @hash", new { hash = SecretHash.Of(identity) }, stop);

    public Task<int> ForgetOld(CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        return database.Write(
            transaction => transaction.Execute(
                "DELETE FROM sign_in_failures WHERE since < @before AND (locked_until IS NULL OR locked_until < @now)", new { before = now - Window, now }, stop),
            stop);
    }

    private TimeSpan? Left(DateTimeOffset? lockedUntil) => lockedUntil - clock.GetUtcNow() is { } left && left > TimeSpan.Zero ? left : null;

    private sealed class Row
    {
        public int Failures { get; init; }
        public DateTimeOffset Since { get; init; }
        public DateTimeOffset? LockedUntil { get; init; }
    }
}
