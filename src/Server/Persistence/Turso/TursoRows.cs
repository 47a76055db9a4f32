namespace Ledgerline.Persistence.Turso;

/// <summary>Many rows in one round trip: the statement once for each of them.</summary>
internal static class TursoRows
{
    public static async Task Run(HranaConnection connection, IReadOnlyList<(string Sql, RowSet Rows, Statement Statement)> statements, CancellationToken stop)
    {
        var results = await connection.Run([.. statements.SelectMany(one => Each(one.Sql, one.Rows, one.Statement.IsQuestion))], stop);
        var first = 0;
        foreach (var (_, rows, statement) in statements)
        {
            await statement.Hear(new Answered(results.Skip(first).Take(rows.Count)), stop);
            first += rows.Count;
        }
    }

    public static string ForOne(string sql, IReadOnlyList<RowColumn> columns) => RowSql.ForOne(sql, columns, place => $"@{Name(place)}");

    private static IEnumerable<HranaStatement> Each(string sql, RowSet set, bool wantRows)
    {
        // A server refuses arguments that its statement does not name.
        var named = set.Columns.Select((column, place) => (Column: column, Name: Name(place)))
            .Where(column => SqlText.Names(sql, column.Name)).ToList();
        return Enumerable.Range(0, set.Count).Select(row => new HranaStatement(
            sql, [.. named.Select(column => KeyValuePair.Create(column.Name, column.Column.Value(row)))], wantRows));
    }

    private static string Name(int place) => $"r{place}";

    private sealed class Answered(IEnumerable<HranaResult> results) : IAnswered
    {
        public ValueTask<IReadOnlyList<T>> Read<T>(CancellationToken stop)
        {
            List<T> answers = [];
            foreach (var result in results)
            {
                var setters = RowReader<T>.For(result.Columns.Select(column => column.Name));
                answers.AddRange(result.Rows.Select(row => RowReader<T>.Read(setters, new Source(row))));
            }

            return ValueTask.FromResult<IReadOnlyList<T>>(answers);
        }
    }

    private sealed class Source(object?[] row) : IRowSource
    {
        public string? Text(int column) => (string?)row[column];

        public long? Number(int column) => row[column] switch
        {
            null => null,
            // What a client without integers stored.
            double number => checked((long)number),
            var number => (long)number,
        };
    }
}
