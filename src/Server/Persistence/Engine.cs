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
    private readonly ConcurrentDictionary<(string Sql, Type Row), string> saidForRows = new();

    public abstract string Name { get; }

    /// <summary>Told of each statement before it runs, and of <c>COMMIT</c> before and after. Tests make it throw.</summary>
    public Action<string>? Watch { get; set; }

    /// <summary>How many transactions a busy writer may have open at once and gain by it.</summary>
    public virtual int Writers => 1;

    /// <summary>
    /// The dialect: <c>{id}</c>, <c>{key}</c>, <c>{clustered}</c>, <c>{for update}</c>, <c>{for update of …}</c>, <c>{skip locked}</c>,
    /// <c>{unlogged}</c>, and <c>{unflushed}</c>: a condition that is true, and by which the commit does not wait for the disk.
    /// </summary>
    protected abstract IReadOnlyDictionary<string, string> Words { get; }

    public abstract ValueTask<DbConnection> OpenReader(CancellationToken stop);

    public abstract ValueTask<DbConnection> OpenWriter(CancellationToken stop);

    public abstract ValueTask<DbTransaction> Begin(DbConnection connection, CancellationToken stop);

    /// <summary>Begins a transaction that only reads, and sees one moment however long it lasts.</summary>
    public abstract ValueTask<DbTransaction> BeginMoment(DbConnection connection, CancellationToken stop);

    /// <summary>Waits for the only writer's place where the engine has one; disposing it gives the place back.</summary>
    public abstract ValueTask<IDisposable?> TakeWriter(CancellationToken stop);

    /// <summary>Keeps every other node from changing the schema until this transaction ends.</summary>
    public abstract Task LockSchema(Transaction transaction, CancellationToken stop);

    /// <summary>True when nothing happened and the same transaction may simply run again (deadlock, lock time-out).</summary>
    public abstract bool MayRunAgain(Exception failure);

    /// <summary>True when a unique key refused the row.</summary>
    public abstract bool IsDuplicate(Exception failure);

    /// <summary>Takes back a connection that <see cref="OpenReader"/> or <see cref="OpenWriter"/> gave out.</summary>
    public virtual ValueTask Close(DbConnection connection) => connection.DisposeAsync();

    /// <summary>Runs each statement for all of its rows, in order, with as few round trips as the engine can; questions hear their answers.</summary>
    public abstract Task Run(DbConnection connection, DbTransaction? transaction, IReadOnlyList<Statement> statements, CancellationToken stop);

    /// <summary>Runs these statements as the transaction's last ones, and commits it.</summary>
    public virtual async Task Commit(DbConnection connection, DbTransaction transaction, IReadOnlyList<Statement> statements, CancellationToken stop)
    {
        if (statements.Count > 0)
        {
            await Run(connection, transaction, statements, stop);
        }

        await transaction.CommitAsync(stop);
    }

    public abstract ValueTask DisposeAsync();

    public string Say(string sql) => sql.Contains('{') ? said.GetOrAdd(sql, Translate) : sql;

    /// <summary>The statement with its words said, and with what stands for <c>{rows}</c> in this dialect.</summary>
    protected string Say(RowSet set, Func<string, IReadOnlyList<RowColumn>, string> rows) => saidForRows.GetOrAdd(
        (set.Sql, set.RowType), static (key, with) => with.rows(with.Engine.Translate(key.Sql), with.Columns), (Engine: this, set.Columns, rows));

    private string Translate(string sql)
    {
        foreach (var (token, word) in Words)
        {
            sql = sql.Replace(token, word, StringComparison.Ordinal);
        }

        return sql;
    }
}
