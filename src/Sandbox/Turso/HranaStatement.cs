using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using SQLitePCL;

namespace Sandbox.Turso;

/// <summary>One SQL statement, prepared on a connection.</summary>
internal sealed partial class HranaStatement : IDisposable
{
    private readonly sqlite3 connection;
    private readonly sqlite3_stmt statement;
    private readonly string sql;

    private HranaStatement(sqlite3 connection, sqlite3_stmt statement, string sql) => (this.connection, this.statement, this.sql) = (connection, statement, sql);

    private IEnumerable<int> Columns => Enumerable.Range(0, raw.sqlite3_column_count(statement));

    /// <summary>Prepares the one statement of a text that must hold one.</summary>
    public static HranaStatement Single(sqlite3 connection, string sql)
    {
        var statement = First(connection, sql, out var rest) ?? throw new HranaError("SQL string does not contain any statement", "SQL_NO_STATEMENT");
        using var second = rest.Trim() is "" or ";" ? null : First(connection, rest, out _);
        if (second is not null)
        {
            statement.Dispose();
            throw new HranaError("SQL string contains more than one statement", "SQL_MANY_STATEMENTS");
        }

        return statement;
    }

    /// <summary>Prepares the first statement of a text; null when none is left.</summary>
    public static HranaStatement? First(sqlite3 connection, string sql, out string rest)
    {
        if (string.IsNullOrWhiteSpace(sql))
        {
            rest = "";
            return null;
        }

        // What libSQL's own parser knows and SQLite's does not.
        sql = ReadOnlyBegin().Replace(sql, "BEGIN");
        if (Forbidden().IsMatch(sql))
        {
            throw new HranaError("SQL string could not be parsed: ATTACH and DETACH are not allowed", "SQL_PARSE_ERROR");
        }

        var result = raw.sqlite3_prepare_v2(connection, Encoding.UTF8.GetBytes(sql).AsSpan(), out var statement, out var tail);
        rest = Encoding.UTF8.GetString(tail);
        return result != raw.SQLITE_OK ? throw Failure(connection, result) : statement is null || statement.IsInvalid ? null : new HranaStatement(connection, statement, sql);
    }

    /// <summary>Binds by name first, then by position; an argument too many or too few is an error.</summary>
    public void Bind(JsonElement stmt)
    {
        var positional = Items(stmt, "args");
        var named = Items(stmt, "named_args").ToDictionary(
            one => Bare(HranaValues.Text(one, "name") ?? throw HranaRefusal.Unreadable("JSON parse error: a named argument has no name")), one => one.GetProperty("value"));
        var count = raw.sqlite3_bind_parameter_count(statement);
        var used = 0;
        for (var index = 1; index <= count; index++)
        {
            var name = raw.sqlite3_bind_parameter_name(statement, index).utf8_to_string();
            if (name is not null && named.TryGetValue(Bare(name), out var value))
            {
                used++;
            }
            else if (index <= positional.Count)
            {
                value = positional[index - 1];
            }
            else
            {
                throw new HranaError($"value for parameter {name ?? $"{index}"} not found", "ARGS_INVALID");
            }

            HranaValues.Bind(statement, index, value);
        }

        if (positional.Count > count || used < named.Count)
        {
            throw new HranaError("SQL statement does not expect all of the given arguments", "ARGS_INVALID");
        }
    }

    /// <summary>Runs to the end. Null when another stream writes: then nothing has happened, and it may be tried again.</summary>
    public object? Run(bool wantRows)
    {
        var started = TimeProvider.System.GetTimestamp();
        var before = raw.sqlite3_total_changes(connection);
        var columns = Columns.ToList();
        List<List<object>> rows = [];
        var read = 0;
        int result;
        while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
        {
            read++;
            if (wantRows)
            {
                rows.Add([.. columns.Select(column => HranaValues.Read(statement, column))]);
            }
        }

        if (result != raw.SQLITE_DONE)
        {
            var failure = Failure(connection, result);
            raw.sqlite3_reset(statement);
            return result == raw.SQLITE_BUSY ? null : throw failure;
        }

        var changed = raw.sqlite3_total_changes(connection) == before ? 0 : raw.sqlite3_changes(connection);
        return new
        {
            cols = columns.ConvertAll(Column),
            rows,
            affected_row_count = changed,
            last_insert_rowid = changed > 0 && Inserts().IsMatch(sql) ? $"{raw.sqlite3_last_insert_rowid(connection)}" : null,
            rows_read = read,
            rows_written = changed,
            query_duration_ms = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds,
        };
    }

    public object Describe() => new
    {
        @params = Enumerable.Range(1, raw.sqlite3_bind_parameter_count(statement))
            .Select(index => new { name = raw.sqlite3_bind_parameter_name(statement, index).utf8_to_string() }).ToList(),
        cols = Columns.Select(Column).ToList(),
        is_explain = Explains().IsMatch(sql),
        is_readonly = raw.sqlite3_stmt_readonly(statement) != 0,
    };

    public void Dispose() => statement.Dispose();

    public static HranaError Failure(sqlite3 connection, int result) => new(
        $"SQLite error: {raw.sqlite3_errmsg(connection).utf8_to_string()}",
        (result & 0xff) switch
        {
            raw.SQLITE_BUSY => "SQLITE_BUSY",
            raw.SQLITE_CONSTRAINT => "SQLITE_CONSTRAINT",
            raw.SQLITE_ERROR => "SQLITE_ERROR",
            raw.SQLITE_FULL => "SQLITE_FULL",
            raw.SQLITE_LOCKED => "SQLITE_LOCKED",
            raw.SQLITE_MISMATCH => "SQLITE_MISMATCH",
            raw.SQLITE_READONLY => "SQLITE_READONLY",
            raw.SQLITE_TOOBIG => "SQLITE_TOOBIG",
            _ => "SQLITE_UNKNOWN",
        });

    private object Column(int column) => new
    {
        name = raw.sqlite3_column_name(statement, column).utf8_to_string(),
        decltype = raw.sqlite3_column_decltype(statement, column).utf8_to_string(),
    };

    private static List<JsonElement> Items(JsonElement of, string name) =>
        of.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray()] : [];

    private static string Bare(string name) => name.TrimStart(':', '@', '$');

    [GeneratedRegex(@"^\s*BEGIN\s+(TRANSACTION\s+)?READONLY\b", RegexOptions.IgnoreCase)]
    private static partial Regex ReadOnlyBegin();

    [GeneratedRegex(@"^\s*(ATTACH|DETACH)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"^\s*(WITH\b.*)?(INSERT|REPLACE)\b", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex Inserts();

    [GeneratedRegex(@"^\s*EXPLAIN\b", RegexOptions.IgnoreCase)]
    private static partial Regex Explains();
}
