using System.Reflection;
using System.Text;
using Ledgerline.Kernel;

namespace Ledgerline.Persistence;

/// <summary>
/// How the rows that stand for <c>{rows}</c> are written: a column for each public property of <typeparamref name="T"/>, named in
/// snake_case, text or a 64-bit number. Made once a type.
/// </summary>
internal static class RowShape<T>
{
    public static readonly IReadOnlyList<Column<T>> Columns =
        [.. typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanRead).Select(Column)];

    private static Column<T> Column(PropertyInfo property)
    {
        var name = SnakeCase(property.Name);
        return property.PropertyType switch
        {
            var type when type == typeof(string) => new Column<T>(name, Text: Getter<string?>(property)),
            var type when type == typeof(AccountId) => new Column<T>(name, Text: After<AccountId, string?>(property, id => id.ToString())),
            var type when type == typeof(long) => new Column<T>(name, Number: Getter<long>(property)),
            var type when type == typeof(int) => new Column<T>(name, Number: After<int, long>(property, number => number)),
            var type when type == typeof(DateTimeOffset) => new Column<T>(name, Number: After<DateTimeOffset, long>(property, at => at.ToUnixTimeMilliseconds())),
            var type when type == typeof(long?) => new Column<T>(name, MaybeNumber: Getter<long?>(property)),
            var type when type == typeof(int?) => new Column<T>(name, MaybeNumber: After<int?, long?>(property, number => number)),
            var type when type == typeof(DateTimeOffset?) => new Column<T>(name, MaybeNumber: After<DateTimeOffset?, long?>(property, at => at?.ToUnixTimeMilliseconds())),
            var type => throw new NotSupportedException($"{typeof(T).Name}.{property.Name} is a {type.Name}; a row has texts, whole numbers, instants and account ids."),
        };
    }

    private static Func<T, TOut> After<TIn, TOut>(PropertyInfo property, Func<TIn, TOut> then)
    {
        var get = Getter<TIn>(property);
        return row => then(get(row));
    }

    private static Func<T, TValue> Getter<TValue>(PropertyInfo property)
    {
        if (!typeof(T).IsValueType)
        {
            return property.GetMethod!.CreateDelegate<Func<T, TValue>>();
        }

        var get = property.GetMethod!.CreateDelegate<ByReference<TValue>>();
        return row => get(ref row);
    }

    private static string SnakeCase(string name)
    {
        var text = new StringBuilder(name.Length + 8);
        foreach (var c in name)
        {
            if (char.IsUpper(c) && text.Length > 0)
            {
                text.Append('_');
            }

            text.Append(char.ToLowerInvariant(c));
        }

        return text.ToString();
    }

    private delegate TValue ByReference<out TValue>(ref T row);
}

/// <summary>One column: exactly one of the three readers is there.</summary>
internal sealed record Column<T>(string Name, Func<T, string?>? Text = null, Func<T, long>? Number = null, Func<T, long?>? MaybeNumber = null);
