using System.Buffers;
using System.Text;

namespace Ledgerline.Usage.Recorded;

/// <summary>A line of CSV as RFC 4180 has it, in which no cell is a formula for whoever opens it in a spreadsheet.</summary>
internal static class CsvLine
{
    private const string LineEnd = "\r\n";

    private static readonly SearchValues<char> Quoted = SearchValues.Create(",\"\r\n");

    // A spreadsheet calculates what begins with one of these, in either width.
    private static readonly SearchValues<char> Calculated = SearchValues.Create("=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20");

    public static void Append(StringBuilder text, params ReadOnlySpan<string?> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
            {
                text.Append(',');
            }

            Cell(text, cells[i] ?? "");
        }

        text.Append(LineEnd);
    }

    private static void Cell(StringBuilder text, string cell)
    {
        // An apostrophe tells the spreadsheet that this is text.
        var shown = cell.AsSpan().TrimStart(' ') is [var first, ..] && Calculated.Contains(first) ? "'" + cell : cell;
        if (!shown.AsSpan().ContainsAny(Quoted))
        {
            text.Append(shown);
            return;
        }

        text.Append('"').Append(shown.Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
    }
}
