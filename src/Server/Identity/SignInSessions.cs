using System.Text;
using Ledgerline.Jobs;
using Ledgerline.Kernel;
using Ledgerline.Nodes;
using Ledgerline.Persistence;
using Microsoft.Extensions.Caching.Memory;

namespace Ledgerline.Identity;

/// <summary>
/// The door to sign-in sessions. Ending one reaches this node at once and every other within 30 seconds, with Redis at once too, access
/// tokens of 30 days included.
/// </summary>
public sealed class SignInSessions : IDisposable
{
    private const string Channel = "sessions";
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(30);
    private const int MostRemembered = 10_000;
    private static readonly MemoryCacheEntryOptions Remembered = new() { Size = 1, SlidingExpiration = TimeSpan.FromMinutes(10) };

    private readonly MemoryCache standing = new(new MemoryCacheOptions { SizeLimit = MostRemembered });
    private readonly Lock remembering = new();
    private readonly Database database;
    private readonly Outbox outbox;
    private readonly NodeBus bus;
    private readonly Ids ids;
    private readonly TimeProvider clock;
    private long endings;

    public SignInSessions(Database database, Outbox outbox, NodeBus bus, Ids ids, TimeProvider clock)
    {
        (this.database, this.outbox, this.bus, this.ids, this.clock) = (database, outbox, bus, ids, clock);
        _ = bus.Hear(Channel, ended => Forget(Encoding.UTF8.GetString(ended.Span)));
    }

    /// <summary>True while nobody has ended the session or deactivated its account. Rarely asks the database.</summary>
    public async ValueTask<bool> IsStanding(AccountId account, string sessionId, CancellationToken stop = default)
    {
        if (standing.TryGetValue(sessionId, out Standing? known) && known!.Account == account && clock.GetElapsedTime(known.AskedAt) < Fresh)
        {
            return known.Stands;
        }

        var before = Interlocked.Read(ref endings);
        var askedAt = clock.GetTimestamp();
        var stands = await database.Read(
            session => session.Maybe<bool>(
                """
                SELECT a.is_active FROM sign_in_sessions s JOIN accounts a ON a.account_id = s.account_id
                WHERE s.account_id = @account AND s.id = @sessionId AND s.revoked_at IS NULL
                """,
                new { account, sessionId },
                stop),
            stop);
        lock (remembering)
        {
            // Somebody may have ended it between the question and the answer.
            if (Interlocked.Read(ref endings) == before)
            {
                standing.Set(sessionId, new Standing(account, stands, askedAt), Remembered);
            }
        }

        return stands;
    }

    /// <summary>Ends the session and with it its access tokens and its family of refresh tokens.</summary>
    public Task End(AccountId account, string sessionId, CancellationToken stop = default) =>
        database.Write(transaction => End(transaction, account, sessionId, stop), stop);

    /// <inheritdoc cref="End(AccountId, string, CancellationToken)"/>
    public async Task End(Transaction transaction, AccountId account, string sessionId, CancellationToken stop = default)
    {
        var ended = await transaction.Execute(
            "UPDATE sign_in_sessions SET revoked_at = @now WHERE account_id = @account AND id = @sessionId AND revoked_at IS NULL",
            new { now = clock.GetUtcNow(), account, sessionId },
            stop);
        if (ended > 0)
        {
            await outbox.Publish(transaction, new SessionEnded(account, sessionId), stop: stop);
        }

        transaction.OnCommit(() => Ended(sessionId));
    }

    /// <summary>Ends every session of the account, but for one that may stay.</summary>
    public async Task EndAll(Transaction transaction, AccountId account, string? except, CancellationToken stop = default)
    {
        var ended = await transaction.List<string>(
            "UPDATE sign_in_sessions SET revoked_at = @now WHERE account_id = @account AND id <> @except AND revoked_at IS NULL RETURNING id",
            new { now = clock.GetUtcNow(), account, except = except ?? "" },
            stop);
        foreach (var sessionId in ended)
        {
            await outbox.Publish(transaction, new SessionEnded(account, sessionId), stop: stop);
            transaction.OnCommit(() => Ended(sessionId));
        }
    }

    public void Dispose() => standing.Dispose();

    /// <summary>Begins a session whose last token will be over after the given time; answers its id.</summary>
    internal async Task<string> Begin(Transaction transaction, AccountId account, string kind, TimeSpan lifetime, CancellationToken stop)
    {
        var (sessionId, now) = (ids.Text(), clock.GetUtcNow());
        await transaction.Execute(
            "INSERT INTO sign_in_sessions (account_id, id, kind, created_at, expires_at) VALUES (@account, @sessionId, @kind, @now, @expires)",
            new { account, sessionId, kind, now, expires = now + lifetime },
            stop);
        return sessionId;
    }

    private void Ended(string sessionId)
    {
        Forget(sessionId);
        bus.Tell(Channel, Encoding.UTF8.GetBytes(sessionId));
    }

    private void Forget(string sessionId)
    {
        lock (remembering)
        {
            Interlocked.Increment(ref endings);
            standing.Remove(sessionId);
        }
    }

    private sealed record Standing(AccountId Account, bool Stands, long AskedAt);
}
