using System.Text.RegularExpressions;

namespace Ledgerline.Persistence;

/// <summary>A statement for many rows, said for one of them: for engines that run it again for each.</summary>
internal static partial class RowSql
{
    /// <summary>Each <c>r.column</c> becomes its place among the parameters, and the rows themselves leave the FROM clause.</summary>
    /// <param name="parameter">How the parameter for the column at this place is written.</param>
    public static string ForOne(string sql, IReadOnlyList<RowColumn> columns, Func<int, string> parameter)
    {
        var places = columns.Select((column, i) => (column.Name, Place: parameter(i))).ToDictionary(place => place.Name, place => place.Place);
        return Column().Replace(sql, found => places[found.Groups[1].Value])
            .Replace("{rows} CROSS JOIN ", "", StringComparison.Ordinal)
            .Replace("FROM {rows}", "", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"\br\.(\w+)")]
    private static partial Regex Column();
}
