using System.Globalization;
using System.Text;
using System.Text.Json;
using SQLitePCL;

namespace Sandbox.Turso;

/// <summary>Values between JSON and SQLite: integers as text, blobs as base64 without padding.</summary>
internal static class HranaValues
{
    private static readonly object Null = new { type = "null" };

    public static object Read(sqlite3_stmt statement, int column) => raw.sqlite3_column_type(statement, column) switch
    {
        raw.SQLITE_INTEGER => new { type = "integer", value = raw.sqlite3_column_int64(statement, column).ToString(CultureInfo.InvariantCulture) },
        raw.SQLITE_FLOAT when double.IsFinite(raw.sqlite3_column_double(statement, column)) =>
            new { type = "float", value = raw.sqlite3_column_double(statement, column) },
        // As bytes: a text may hold a zero.
        raw.SQLITE_TEXT => new { type = "text", value = Encoding.UTF8.GetString(raw.sqlite3_column_blob(statement, column)) },
        raw.SQLITE_BLOB => new { type = "blob", base64 = Convert.ToBase64String(raw.sqlite3_column_blob(statement, column)).TrimEnd('=') },
        _ => Null,
    };

    public static void Bind(sqlite3_stmt statement, int index, JsonElement value)
    {
        switch (Text(value, "type"))
        {
            case "null":
                raw.sqlite3_bind_null(statement, index);
                break;
            case "integer" when long.TryParse(Text(value, "value"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer):
                raw.sqlite3_bind_int64(statement, index, integer);
                break;
            case "float" when value.TryGetProperty("value", out var number) && number.ValueKind == JsonValueKind.Number:
                raw.sqlite3_bind_double(statement, index, number.GetDouble());
                break;
            case "text" when Text(value, "value") is { } text:
                BindText(statement, index, text);
                break;
            case "blob" when Bytes(Text(value, "base64")) is { } bytes:
                BindBlob(statement, index, bytes);
                break;
            default:
                throw HranaRefusal.Unreadable($"JSON parse error: invalid value {value}");
        }
    }

    /// <summary>The text under this name, or null when there is none.</summary>
    public static string? Text(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var found) && found.ValueKind == JsonValueKind.String ? found.GetString() : null;

    // An empty span has no address, which SQLite takes for NULL.
    private static void BindText(sqlite3_stmt statement, int index, string text)
    {
        if (text.Length == 0)
        {
            raw.sqlite3_bind_text(statement, index, "");
        }
        else
        {
            raw.sqlite3_bind_text(statement, index, Encoding.UTF8.GetBytes(text).AsSpan());
        }
    }

    private static void BindBlob(sqlite3_stmt statement, int index, byte[] bytes)
    {
        if (bytes.Length == 0)
        {
            raw.sqlite3_bind_zeroblob(statement, index, 0);
        }
        else
        {
            raw.sqlite3_bind_blob(statement, index, bytes.AsSpan());
        }
    }

    // With padding or without, as the real server reads it.
    private static byte[]? Bytes(string? base64)
    {
        if (base64 is null)
        {
            return null;
        }

        var bare = base64.TrimEnd('=');
        var bytes = new byte[bare.Length];
        return Convert.TryFromBase64String(bare.PadRight((bare.Length + 3) / 4 * 4, '='), bytes, out var length) ? bytes[..length] : null;
    }
}
