using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerline.Providers.Stripe;

/// <summary>How Stripe's JSON is read: unknown fields are skipped, missing ones are null unless we cannot do without.</summary>
internal static class StripeJson
{
    private const int LongestId = 255;

    public static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>The member, or an undefined element when there is none or this is no object.</summary>
    public static JsonElement Member(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) ? member : default;

    /// <summary>The element for use after its document is gone.</summary>
    public static JsonElement Kept(this JsonElement element) => element.ValueKind == JsonValueKind.Undefined ? element : element.Clone();

    /// <summary>The id of an object that the member names or is; null when it is no id.</summary>
    public static string? Id(this JsonElement element, string name) =>
        (element.Member(name).ValueKind == JsonValueKind.Object ? element.Member(name).Text("id") : element.Text(name)) is { Length: > 0 and <= LongestId } id
        && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '_')
            ? id
            : null;

    /// <summary>The member when it is a string, else null.</summary>
    public static string? Text(this JsonElement element, string name)
    {
        try
        {
            return element.Member(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Right by JSON's grammar, but half of a surrogate pair is no text.
            return null;
        }
    }
}

/// <summary>Reads the id of a field that Stripe may have expanded: the id itself, or an object that has it.</summary>
internal sealed class ExpandableId : JsonConverter<string?>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        return document.RootElement is { ValueKind: JsonValueKind.String } id ? id.GetString() : document.RootElement.Text("id");
    }

    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}

/// <summary>Reads Stripe's times, whole seconds since 1970.</summary>
internal sealed class UnixSeconds : JsonConverter<DateTimeOffset?>
{
    private const long Last = 253402300799;

    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Null ? null
        : reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var seconds) && seconds is >= 0 and <= Last ? DateTimeOffset.FromUnixTimeSeconds(seconds)
        : throw new JsonException("Not a time in seconds.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options)
    {
        if (value is { } time)
        {
            writer.WriteNumberValue(time.ToUnixTimeSeconds());
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
