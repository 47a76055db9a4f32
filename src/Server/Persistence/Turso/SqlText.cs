namespace Ledgerline.Persistence.Turso;

/// <summary>As much as must be known of an SQL text: whether it is several statements, and whether it can change anything.</summary>
internal static class SqlText
{
    private const int None = -2;

    private static readonly string[] Reading = ["SELECT", "VALUES", "EXPLAIN"];

    /// <summary>True when something follows a semicolon, also within a trigger's body: then only a script can hold it.</summary>
    public static bool IsScript(string sql)
    {
        var ended = false;
        for (var at = 0; at < sql.Length; at++)
        {
            var next = Skip(sql, at);
            // A comment after the end is nothing more to run.
            var isComment = next > at && sql[at] is ('-' or '/');
            if (ended && !isComment && !char.IsWhiteSpace(sql[at]) && sql[at] != ';')
            {
                return true;
            }

            ended |= sql[at] == ';';
            at = Math.Max(at, next - 1);
        }

        return false;
    }

    /// <summary>True when <c>@name</c> occurs in the text; the name may begin with its mark.</summary>
    public static bool Names(string sql, string parameter)
    {
        var name = parameter.AsSpan().TrimStart('@');
        for (var at = sql.IndexOf('@'); at >= 0; at = sql.IndexOf('@', at + 1))
        {
            if (sql.AsSpan(at + 1).StartsWith(name, StringComparison.Ordinal)
                && (at + 1 + name.Length == sql.Length || !(char.IsLetterOrDigit(sql[at + 1 + name.Length]) || sql[at + 1 + name.Length] == '_')))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>False when in doubt.</summary>
    public static bool OnlyReads(string sql)
    {
        var at = 0;
        while (at < sql.Length && (char.IsWhiteSpace(sql[at]) || (sql[at] is '-' or '/' && Skip(sql, at) > at)))
        {
            at = char.IsWhiteSpace(sql[at]) ? at + 1 : Skip(sql, at);
        }

        var start = sql.AsSpan(at);
        foreach (var word in Reading)
        {
            if (start.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (start.Length == word.Length || !char.IsLetterOrDigit(start[word.Length])))
            {
                return true;
            }
        }

        return false;
    }

    // Where the quoted text or the comment that begins here ends; here itself when none begins.
    private static int Skip(string sql, int at)
    {
        var end = sql[at] switch
        {
            '\'' or '"' or '`' => sql.IndexOf(sql[at], at + 1),
            '[' => sql.IndexOf(']', at),
            '-' when Follows(sql, at, '-') => sql.IndexOf('\n', at),
            '/' when Follows(sql, at, '*') => sql.IndexOf("*/", at + 2, StringComparison.Ordinal) is var close and >= 0 ? close + 1 : -1,
            _ => None,
        };
        return end == None ? at : end < 0 ? sql.Length : end + 1;
    }

    private static bool Follows(string sql, int at, char next) => at + 1 < sql.Length && sql[at + 1] == next;
}
