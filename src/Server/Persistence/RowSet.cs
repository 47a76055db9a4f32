namespace Ledgerline.Persistence;

/// <summary>One statement for many rows. In its SQL <c>{rows}</c> stands for them, under the name <c>r</c>.</summary>
internal abstract class RowSet(string sql)
{
    public string Sql { get; } = sql;

    public abstract int Count { get; }

    public abstract Type RowType { get; }

    public abstract IReadOnlyList<RowColumn> Columns { get; }

    public static RowSet<T> Of<T>(string sql, IReadOnlyList<T> rows) => new(sql, rows);
}

/// <inheritdoc cref="RowSet"/>
internal sealed class RowSet<T>(string sql, IReadOnlyList<T> rows) : RowSet(sql)
{
    public override int Count => rows.Count;

    public override Type RowType => typeof(T);

    public override IReadOnlyList<RowColumn> Columns { get; } = [.. RowShape<T>.Columns.Select(column => new RowColumn(
        column.Name, All(rows, column.Text), All(rows, column.Number), All(rows, column.MaybeNumber)))];

    private static TValue[]? All<TValue>(IReadOnlyList<T> rows, Func<T, TValue>? get)
    {
        if (get is null)
        {
            return null;
        }

        var values = new TValue[rows.Count];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = get(rows[i]);
        }

        return values;
    }
}

/// <summary>A column's values, row by row, in exactly one of the three arrays.</summary>
internal readonly record struct RowColumn(string Name, string?[]? Texts, long[]? Numbers, long?[]? MaybeNumbers)
{
    public object? Value(int row) => Texts is not null ? Texts[row] : Numbers is not null ? Numbers[row] : MaybeNumbers![row];
}
