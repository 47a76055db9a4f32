using System.Data.Common;
using Dapper;

namespace Ledgerline.Persistence;

/// <summary>Runs SQL on one open connection. Parameters are the properties of <c>args</c>, written <c>@name</c>.</summary>
public class Session
{
    private readonly DbConnection connection;
    private readonly DbTransaction? transaction;
    private List<Statement> waiting = [];

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
    public async Task<IReadOnlyList<T>> ListFor<T, TRow>(string sql, IReadOnlyList<TRow> rows, CancellationToken stop = default) =>
        await Ask<T, TRow>(sql, rows).Answers(stop);

    /// <summary>As <see cref="ListFor"/>, in one round trip with what is asked next: whoever wants the answers of one gets those of all.</summary>
    public Question<T> Ask<T, TRow>(string sql, IReadOnlyList<TRow> rows)
    {
        var question = new Question<T>(this, RowSet.Of(sql, rows));
        if (rows.Count > 0)
        {
            Add(question);
        }

        return question;
    }

    /// <summary>Sends what waits, in its order.</summary>
    internal async ValueTask Send(CancellationToken stop)
    {
        var statements = TakeWaiting();
        if (statements.Count == 0)
        {
            return;
        }

        if (Engine.Watch is not { } watch)
        {
            await Engine.Run(connection, transaction, statements, stop);
            return;
        }

        // A fault that is thrown here must not meet a connection that is still busy with what comes before.
        foreach (var statement in statements)
        {
            watch(statement.Sql);
            await Engine.Run(connection, transaction, [statement], stop);
        }
    }

    private protected virtual void Add(Statement statement) => waiting.Add(statement);

    /// <summary>What has not been sent yet, and will be by the caller.</summary>
    private protected virtual IReadOnlyList<Statement> TakeWaiting()
    {
        var taken = waiting;
        waiting = taken.Count == 0 ? taken : [];
        return taken;
    }

    private async ValueTask Ready(string sql, CancellationToken stop)
    {
        await Send(stop);
        Engine.Watch?.Invoke(sql);
    }

    private CommandDefinition Command(string sql, object? args, CancellationToken stop) =>
        new(Engine.Say(sql), args, transaction, cancellationToken: stop);
}
