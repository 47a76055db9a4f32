using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Ledgerline.Persistence.Engines;

/// <summary>
/// Many rows on one connection. Statements are prepared once and run row by row on SQLite itself: inside one process that is the
/// set-based way, and the ADO.NET layer's own work for each execution would cost more than SQLite's.
/// </summary>
internal sealed class SqliteRows : IDisposable
{
    private readonly Dictionary<string, sqlite3_stmt> prepared = new(StringComparer.Ordinal);

    public static string ForOne(string sql, IReadOnlyList<RowColumn> columns) => RowSql.ForOne(sql, columns, place => $"?{place + 1}");

    public ValueTask Run(SqliteConnection connection, string sql, RowSet set, Statement of, CancellationToken stop)
    {
        if (of.IsQuestion)
        {
            return of.Hear(new Answered(this, connection, sql, set), stop);
        }

        var (database, columns) = (connection.Handle!, set.Columns);
        var statement = Prepare(database, sql);
        for (var row = 0; row < set.Count; row++)
        {
            Bind(statement, columns, row);
            while (Step(statement, database))
            {
                // What it returns was not asked for.
            }
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var statement in prepared.Values)
        {
            statement.Dispose();
        }

        prepared.Clear();
    }

    private List<T> Read<T>(SqliteConnection connection, string sql, RowSet set)
    {
        var (database, columns) = (connection.Handle!, set.Columns);
        var statement = Prepare(database, sql);
        var setters = RowReader<T>.For(Enumerable.Range(0, raw.sqlite3_column_count(statement)).Select(column => raw.sqlite3_column_name(statement, column).utf8_to_string()));
        var source = new Source(statement);
        List<T> answers = [];
        for (var row = 0; row < set.Count; row++)
        {
            Bind(statement, columns, row);
            while (Step(statement, database))
            {
                answers.Add(RowReader<T>.Read(setters, source));
            }
        }

        return answers;
    }

    // True at a row; at the end the statement is ready for the next execution.
    private static bool Step(sqlite3_stmt statement, sqlite3 database)
    {
        var result = raw.sqlite3_step(statement);
        if (result == raw.SQLITE_ROW)
        {
            return true;
        }

        var error = raw.sqlite3_reset(statement);
        if (result != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(error, database);
        }

        return false;
    }

    private static void Bind(sqlite3_stmt statement, IReadOnlyList<RowColumn> columns, int row)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var column = columns[i];
            if (column.Numbers is { } numbers)
            {
                raw.sqlite3_bind_int64(statement, i + 1, numbers[row]);
            }
            else if (column.Texts is { } texts && texts[row] is { } text)
            {
                raw.sqlite3_bind_text(statement, i + 1, text);
            }
            else if (column.MaybeNumbers is { } maybe && maybe[row] is { } number)
            {
                raw.sqlite3_bind_int64(statement, i + 1, number);
            }
            else
            {
                raw.sqlite3_bind_null(statement, i + 1);
            }
        }
    }

    private sqlite3_stmt Prepare(sqlite3 database, string sql)
    {
        if (!prepared.TryGetValue(sql, out var statement))
        {
            SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v3(database, sql, raw.SQLITE_PREPARE_PERSISTENT, out statement), database);
            prepared[sql] = statement;
        }

        return statement;
    }

    private sealed class Answered(SqliteRows rows, SqliteConnection connection, string sql, RowSet set) : IAnswered
    {
        public ValueTask<IReadOnlyList<T>> Read<T>(CancellationToken stop) => ValueTask.FromResult<IReadOnlyList<T>>(rows.Read<T>(connection, sql, set));
    }

    private sealed class Source(sqlite3_stmt statement) : IRowSource
    {
        public string? Text(int column) =>
            raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_text(statement, column).utf8_to_string();

        public long? Number(int column) =>
            raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL ? null : raw.sqlite3_column_int64(statement, column);
    }
}
