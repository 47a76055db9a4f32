using System.Reflection;
using Ledgerline.Kernel;

namespace Ledgerline.Persistence;

/// <summary>Makes a <typeparamref name="T"/> of a row whose columns are named as its properties are, in snake_case.</summary>
internal static class RowReader<T>
{
    private static readonly Dictionary<string, Action<T, IRowSource, int>> Setters = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(property => property.SetMethod is not null).ToDictionary(property => property.Name, Setter, StringComparer.OrdinalIgnoreCase);

    /// <summary>What to do with each column of a result, in order.</summary>
    public static Action<T, IRowSource, int>[] For(IEnumerable<string> columns) => [.. columns.Select(column =>
        Setters.GetValueOrDefault(column.Replace("_", "", StringComparison.Ordinal))
            ?? throw new InvalidOperationException($"{typeof(T).Name} has no property for the column {column}."))];

    public static T Read(Action<T, IRowSource, int>[] setters, IRowSource source)
    {
        var row = Activator.CreateInstance<T>();
        for (var column = 0; column < setters.Length; column++)
        {
            setters[column](row, source, column);
        }

        return row;
    }

    private static Action<T, IRowSource, int> Setter(PropertyInfo property) => property.PropertyType switch
    {
        var type when type == typeof(string) => Set<string?>(property, (source, column) => source.Text(column)),
        var type when type == typeof(AccountId) => Set(property, (source, column) => AccountId.Parse(source.Text(column)!)),
        var type when type == typeof(long) => Set(property, (source, column) => source.Number(column)!.Value),
        var type when type == typeof(long?) => Set(property, (source, column) => source.Number(column)),
        var type when type == typeof(int) => Set(property, (source, column) => (int)source.Number(column)!.Value),
        var type when type == typeof(int?) => Set(property, (source, column) => (int?)source.Number(column)),
        var type when type == typeof(bool) => Set(property, (source, column) => source.Number(column) == 1),
        var type when type == typeof(DateTimeOffset) => Set(property, (source, column) => DateTimeOffset.FromUnixTimeMilliseconds(source.Number(column)!.Value)),
        var type when type == typeof(DateTimeOffset?) => Set<DateTimeOffset?>(
            property, (source, column) => source.Number(column) is { } number ? DateTimeOffset.FromUnixTimeMilliseconds(number) : null),
        // Another property of the type, that no column is for.
        var type => (_, _, _) => throw new NotSupportedException($"{typeof(T).Name}.{property.Name} is a {type.Name}, which no column holds."),
    };

    private static Action<T, IRowSource, int> Set<TValue>(PropertyInfo property, Func<IRowSource, int, TValue> get)
    {
        var set = property.SetMethod!.CreateDelegate<Action<T, TValue>>();
        return (row, source, column) => set(row, get(source, column));
    }
}

/// <summary>The row a result stands at; null where the database has none.</summary>
internal interface IRowSource
{
    string? Text(int column);

    long? Number(int column);
}
