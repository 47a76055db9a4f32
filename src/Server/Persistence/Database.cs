using Ledgerline.Persistence.Engines;
using Ledgerline.Persistence.Turso;

namespace Ledgerline.Persistence;

/// <summary>The one database, named by <c>DATABASE_URL</c>: <c>sqlite:path</c>, <c>postgres://…</c> or <c>libsql://…</c>.</summary>
public sealed class Database : IAsyncDisposable
{
    private const int Attempts = 8;

    private Database(Engine engine) => Engine = engine;

    internal Engine Engine { get; }

    /// <summary>The engine's name: <c>sqlite</c>, <c>postgres</c> or <c>turso</c>.</summary>
    public string EngineName => Engine.Name;

    /// <param name="url">The engine and the place.</param>
    /// <param name="token">The token of a libSQL server, where it asks for one.</param>
    /// <exception cref="FormatException">The address names no engine we know.</exception>
    public static Database Open(string url, string? token = null)
    {
        return Over(url switch
        {
            _ when url.StartsWith("sqlite:", StringComparison.Ordinal) => SqliteEngine.Open(url["sqlite:".Length..]),
            _ when url.StartsWith("postgres://", StringComparison.Ordinal) => PostgresEngine.Open(url),
            _ when url.StartsWith("postgresql://", StringComparison.Ordinal) => PostgresEngine.Open(url),
            _ when TursoAddress.Is(url) => TursoEngine.Open(url, token),
            _ => throw new FormatException("DATABASE_URL must begin with sqlite:, postgres:// or libsql://."),
        });
    }

    internal static Database Over(Engine engine)
    {
        RowMapping.Register();
        return new Database(engine);
    }

    public async Task<T> Read<T>(Func<Session, Task<T>> work, CancellationToken stop = default)
    {
        var connection = await Engine.OpenReader(stop);
        try
        {
            return await work(new Session(Engine, connection, null));
        }
        finally
        {
            await Engine.Close(connection);
        }
    }

    /// <summary>Reads with many statements what was true at one moment, while others go on writing.</summary>
    public async Task<T> ReadOneMoment<T>(Func<Session, Task<T>> work, CancellationToken stop = default)
    {
        var connection = await Engine.OpenReader(stop);
        try
        {
            await using var moment = await Engine.BeginMoment(connection, stop);
            return await work(new Session(Engine, connection, moment));
        }
        finally
        {
            await Engine.Close(connection);
        }
    }

    /// <summary>
    /// Runs the work in one transaction and commits it. After a deadlock or lock time-out, where nothing has happened, the work
    /// runs again: so it must have no effect outside the transaction but through <see cref="Transaction.OnCommit"/>.
    /// </summary>
    public async Task<T> Write<T>(Func<Transaction, Task<T>> work, CancellationToken stop = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await WriteOnce(work, stop);
            }
            catch (Exception failure) when (attempt < Attempts && Engine.MayRunAgain(failure))
            {
                // The loser of a deadlock has already waited its turn: begin again at once.
            }
        }
    }

    public Task Write(Func<Transaction, Task> work, CancellationToken stop = default) => Write(
        async transaction =>
        {
            await work(transaction);
            return true;
        },
        stop);

    /// <inheritdoc cref="Write{T}"/>
    public Task Write(Action<Transaction> work, CancellationToken stop = default) => Write(
        transaction =>
        {
            work(transaction);
            return Task.FromResult(true);
        },
        stop);

    /// <summary>How many transactions a busy writer may have open at once and gain by it.</summary>
    internal int Writers => Engine.Writers;

    /// <summary>True when the failure says that a row with this unique key exists already.</summary>
    public bool IsDuplicate(Exception failure) => Engine.IsDuplicate(failure);

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private async Task<T> WriteOnce<T>(Func<Transaction, Task<T>> work, CancellationToken stop)
    {
        Transaction? transaction = null;
        T answer;
        using (await Engine.TakeWriter(stop))
        {
            var connection = await Engine.OpenWriter(stop);
            try
            {
                await using var inner = await Engine.Begin(connection, stop);
                transaction = new Transaction(Engine, connection, inner);
                answer = await work(transaction);
                await transaction.Complete(stop);
            }
            catch
            {
                transaction?.RolledBack();
                throw;
            }
            finally
            {
                await Engine.Close(connection);
            }
        }

        transaction.Committed();
        return answer;
    }
}
