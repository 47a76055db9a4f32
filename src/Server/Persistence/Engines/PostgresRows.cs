using System.Data.Common;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Ledgerline.Persistence.Engines;

/// <summary>Many rows as one statement: each column travels as an array. Several statements share a round trip.</summary>
internal static class PostgresRows
{
    /// <param name="last">A statement without rows after all others.</param>
    public static async Task Run(
        NpgsqlConnection connection, IEnumerable<(string Sql, RowSet Rows, Statement Statement)> statements, string? last, CancellationToken stop)
    {
        await using var batch = connection.CreateBatch();
        List<Statement> questions = [];
        foreach (var (sql, rows, statement) in statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            AddArrays(command.Parameters, rows);
            batch.BatchCommands.Add(command);
            if (statement.IsQuestion)
            {
                questions.Add(statement);
            }
        }

        if (last is not null)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(last));
        }

        if (questions.Count == 0)
        {
            await batch.ExecuteNonQueryAsync(stop);
            return;
        }

        await using var reader = await batch.ExecuteReaderAsync(stop);
        foreach (var question in questions)
        {
            await question.Hear(new Answered(reader), stop);
            // Past statements that answer nothing, and up to the failure of one.
            await reader.NextResultAsync(stop);
        }

        while (await reader.NextResultAsync(stop))
        {
            // Nobody has asked, and what comes after it may fail too.
        }
    }

    public static string ForAll(string sql, IReadOnlyList<RowColumn> columns) => sql.Replace(
        "{rows}",
        $"unnest({string.Join(", ", columns.Select((_, i) => $"${i + 1}"))}) AS r({string.Join(", ", columns.Select(column => column.Name))})",
        StringComparison.Ordinal);

    private static void AddArrays(NpgsqlParameterCollection parameters, RowSet set)
    {
        foreach (var column in set.Columns)
        {
            parameters.Add(column switch
            {
                { Texts: { } texts } => new NpgsqlParameter<string?[]> { TypedValue = texts, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
                { Numbers: { } numbers } => new NpgsqlParameter<long[]> { TypedValue = numbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
                _ => new NpgsqlParameter<long?[]> { TypedValue = column.MaybeNumbers, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint },
            });
        }
    }

    private sealed class Answered(NpgsqlDataReader reader) : IAnswered
    {
        public async ValueTask<IReadOnlyList<T>> Read<T>(CancellationToken stop)
        {
            List<T> answers = [];
            var read = ((DbDataReader)reader).GetRowParser<T>();
            while (await reader.ReadAsync(stop))
            {
                answers.Add(read(reader));
            }

            return answers;
        }
    }
}
