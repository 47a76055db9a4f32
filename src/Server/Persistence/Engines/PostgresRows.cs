using System.Data.Common;
using Dapper;
using Npgsql;
using NpgsqlTypes;

namespace Ledgerline.Persistence.Engines;

/// <summary>Many rows as one statement: each column travels as an array. Several statements share a round trip.</summary>
internal static class PostgresRows
{
    public static async Task Write(NpgsqlConnection connection, IReadOnlyList<(string Sql, RowSet Set)> statements, CancellationToken stop)
    {
        await using var batch = connection.CreateBatch();
        foreach (var (sql, set) in statements)
        {
            var command = new NpgsqlBatchCommand(sql);
            AddArrays(command.Parameters, set);
            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(stop);
    }

    public static async Task<IReadOnlyList<T>> Read<T>(NpgsqlConnection connection, string sql, RowSet set, CancellationToken stop)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        AddArrays(command.Parameters, set);
        await using var reader = await command.ExecuteReaderAsync(stop);
        List<T> answers = [];
        var read = ((DbDataReader)reader).GetRowParser<T>();
        while (await reader.ReadAsync(stop))
        {
            answers.Add(read(reader));
        }

        return answers;
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
}
