using System.Globalization;
using System.Text.Json;

namespace Ledgerline.Persistence.Turso;

/// <summary>Values as they travel: integers as text, blobs as base64 that may lack its padding.</summary>
internal static class HranaValue
{
    /// <exception cref="NotSupportedException">No column could hold this value without changing it.</exception>
    public static void Write(Utf8JsonWriter json, object? value)
    {
        json.WriteStartObject();
        switch (value)
        {
            case null or DBNull:
                json.WriteString("type", "null");
                break;
            case string text:
                Text(json, text);
                break;
            case bool truth:
                Integer(json, truth ? 1 : 0);
                break;
            case byte or sbyte or short or ushort or int or uint or long or ulong or Enum:
                Integer(json, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case float or double when Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsFinite(number):
                json.WriteString("type", "float");
                json.WriteNumber("value", number);
                break;
            case byte[] bytes:
                json.WriteString("type", "blob");
                json.WriteBase64String("base64", bytes);
                break;
            case char or Guid or decimal:
                Text(json, Convert.ToString(value, CultureInfo.InvariantCulture)!);
                break;
            default:
                throw new NotSupportedException($"A {value.GetType().Name} ({value}) has no form in SQL: give an integer, a text or bytes.");
        }

        json.WriteEndObject();
    }

    /// <exception cref="FormatException">The server sent something that is no value.</exception>
    public static object? Read(JsonElement value) => value.GetProperty("type").GetString() switch
    {
        "null" => null,
        "integer" => long.Parse(value.GetProperty("value").GetString()!, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture),
        "float" => value.GetProperty("value").GetDouble(),
        "text" => value.GetProperty("value").GetString()!,
        "blob" => Bytes(value.GetProperty("base64").GetString()!),
        var other => throw new FormatException($"The database sent a value of type {other}, which does not exist."),
    };

    private static byte[] Bytes(string base64) => Convert.FromBase64String(base64.PadRight((base64.Length + 3) / 4 * 4, '='));

    private static void Text(Utf8JsonWriter json, string text)
    {
        json.WriteString("type", "text");
        json.WriteString("value", text);
    }

    private static void Integer(Utf8JsonWriter json, long value)
    {
        json.WriteString("type", "integer");
        json.WriteString("value", value.ToString(CultureInfo.InvariantCulture));
    }
}
