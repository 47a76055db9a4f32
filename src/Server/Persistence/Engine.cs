using System.Collections.Concurrent;
using System.Data.Common;

namespace Ledgerline.Persistence;

/// <summary>
/// What differs between the databases. Everything above speaks one SQL text; the few words that differ stand in it as
/// <c>{tokens}</c> and are said here in the engine's own dialect.
/// </summary>
internal abstract class Engine : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, string> said = new(StringComparer.Ordinal);

    public abstract string Name { get; }

    /// <summary>The dialect: <c>{id}</c>, <c>{for update}</c>, <c>{skip locked}</c>, <c>{unlogged}</c>.</summary>
    protected abstract IReadOnlyDictionary<string, string> Words { get; }

    public abstract ValueTask<DbConnection> OpenReader(CancellationToken stop);

    public abstract ValueTask<DbConnection> OpenWriter(CancellationToken stop);

    public abstract ValueTask<DbTransaction> Begin(DbConnection connection, CancellationToken stop);

    /// <summary>Waits for the only writer's place where the engine has one; disposing it gives the place back.</summary>
    public abstract ValueTask<IDisposable?> TakeWriter(CancellationToken stop);

    /// <summary>Keeps every other node from changing the schema until this transaction ends.</summary>
    public abstract Task LockSchema(Transaction transaction, CancellationToken stop);

    /// <summary>True when nothing happened and the same transaction may simply run again (deadlock, lock time-out).</summary>
    public abstract bool MayRunAgain(Exception failure);

    /// <summary>True when a unique key refused the row.</summary>
    public abstract bool IsDuplicate(Exception failure);

    public abstract ValueTask DisposeAsync();

    public string Say(string sql) => sql.Contains('{') ? said.GetOrAdd(sql, Translate) : sql;

    private string Translate(string sql)
    {
        foreach (var (token, word) in Words)
        {
            sql = sql.Replace(token, word, StringComparison.Ordinal);
        }

        return sql;
    }
}
