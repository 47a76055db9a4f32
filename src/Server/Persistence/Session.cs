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
    public Task<int> Execute(string sql, object? args = null, CancellationToken stop = default) =>
        connection.ExecuteAsync(Command(sql, args, stop));

    /// <summary>The first row, or null when there is none.</summary>
    public async Task<T?> Maybe<T>(string sql, object? args = null, CancellationToken stop = default) =>
        await connection.QueryFirstOrDefaultAsync<T>(Command(sql, args, stop));

    /// <summary>The one row there must be.</summary>
    public Task<T> One<T>(string sql, object? args = null, CancellationToken stop = default) =>
        connection.QueryFirstAsync<T>(Command(sql, args, stop));

    public async Task<IReadOnlyList<T>> List<T>(string sql, object? args = null, CancellationToken stop = default) =>
        (await connection.QueryAsync<T>(Command(sql, args, stop))).AsList();

    private CommandDefinition Command(string sql, object? args, CancellationToken stop) =>
        new(Engine.Say(sql), args, transaction, cancellationToken: stop);
}
