using System.Data.Common;
using Dapper;

namespace Ledgerline.Persistence;

/// <summary>Runs SQL on one open connection. Parameters are the properties of <c>args</c>, written <c>@name</c>.</summary>
public class Session
{
    private readonly DbConnection connection;
    private readonly DbTransaction? transaction;

    internal Session(Engine engine, DbConnection connection, DbTransaction? transaction)
    {
        Engine = engine;
        this.connection = connection;
        this.transaction = transaction;
    }

    internal Engine Engine { get; }

    /// <summary>The number of rows changed.</summary>
    public async Task<int> Execute(string sql, object? args = null, CancellationToken stop = default)
    {
        await Ready(sql, stop);
        return await connection.ExecuteAsync(Command(sql, args, stop));
    }

    /// <summary>The first row, or null when there is none.</summary>
    public async Task<T?> Maybe<T>(string sql, object? args = null, CancellationToken stop = default)
    {
        await Ready(sql, stop);
        return await connection.QueryFirstOrDefaultAsync<T>(Command(sql, args, stop));
    }

    /// <summary>The one row there must be.</summary>
    public async Task<T> One<T>(string sql, object? args = null, CancellationToken stop = default)
    {
        await Ready(sql, stop);
        return await connection.QueryFirstAsync<T>(Command(sql, args, stop));
    }

    public async Task<IReadOnlyList<T>> List<T>(string sql, object? args = null, CancellationToken stop = default)
    {
        await Ready(sql, stop);
        return (await connection.QueryAsync<T>(Command(sql, args, stop))).AsList();
    }

    /// <summary>
    /// Asks one question for many rows at once: <c>{rows}</c> in the SQL stands for them under the name <c>r</c>, their columns named
    /// as <typeparamref name="TRow"/>'s properties are, in snake_case. On some engines it takes several statements, so the answers'
    /// order is only that of each of them.
    /// </summary>
    public async Task<IReadOnlyList<T>> ListFor<T, TRow>(string sql, IReadOnlyList<TRow> rows, CancellationToken stop = default)
    {
        await Ready(sql, stop);
        return rows.Count == 0 ? [] : await Engine.Read<T>(connection, transaction, RowSet.Of(sql, rows), stop);
    }

    /// <summary>What must be written before this statement.</summary>
    private protected virtual ValueTask Flush(CancellationToken stop) => ValueTask.CompletedTask;

    private ValueTask Ready(string sql, CancellationToken stop)
    {
        var flushed = Flush(stop);
        return Engine.Watch is { } watch ? Watched(flushed, watch, sql) : flushed;
    }

    // A fault that is thrown here must not meet a connection that is still busy with what comes before.
    private static async ValueTask Watched(ValueTask flushed, Action<string> watch, string sql)
    {
        await flushed;
        watch(sql);
    }

    private CommandDefinition Command(string sql, object? args, CancellationToken stop) =>
        new(Engine.Say(sql), args, transaction, cancellationToken: stop);
}
