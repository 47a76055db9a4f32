using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>Events of either side, as far as the meter has to understand them.</summary>
internal static class RealtimeEvents
{
    public static readonly byte[] Cancel = [.. """{"type":"response.cancel"}"""u8];

    /// <summary>The event's type, and how many letters the text has that stands in <paramref name="field"/>. What is long is not copied.</summary>
    /// <exception cref="JsonException">It is no JSON object, or says its type twice.</exception>
    public static (string? Type, long Letters) Read(ReadOnlySpan<byte> text, ReadOnlySpan<byte> field)
    {
        var reader = new Utf8JsonReader(text);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An event is an object.");
        }

        var (type, letters) = ((string?)null, 0L);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
            {
                reader.Read();
                type = type is null && reader.TokenType == JsonTokenType.String ? reader.GetString() : throw new JsonException("An event has one type.");
            }
            else if (reader.ValueTextEquals(field))
            {
                reader.Read();
                letters += reader.TokenType == JsonTokenType.String ? reader.ValueSpan.Length : 0;
                reader.Skip();
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }

        // To the end of the text: what follows an object is no event.
        while (reader.Read())
        {
        }

        return (type, letters);
    }

    /// <summary>Bytes in so many letters of base64.</summary>
    public static long Bytes(long letters) => letters / 4 * 3;

    /// <summary>As the provider tells of what went wrong.</summary>
    public static byte[] Error(string id, string type, string code, string message, string? param = null, string? eventId = null) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["type"] = "error",
        ["event_id"] = id,
        ["error"] = new JsonObject { ["type"] = type, ["code"] = code, ["message"] = message, ["param"] = param, ["event_id"] = eventId },
    }.ToJsonString());
}
