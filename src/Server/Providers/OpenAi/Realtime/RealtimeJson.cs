using System.Text.Json;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>Reads what may be missing or null, as real answers have it.</summary>
internal static class RealtimeJson
{
    /// <summary>Null when there is none.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? Written(value) : null;

    /// <summary>Empty when there is none.</summary>
    public static JsonElement Object(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    public static long Number(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number)
            ? number
            : 0;

    public static IEnumerable<JsonElement> Array(this JsonElement element, string name) =>
        element.Object(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    // Half a surrogate pair is something that JSON can carry and no text can.
    private static string? Written(JsonElement value)
    {
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
