using System.Text.Json;

namespace Ledgerline.Gateway.V1.Chat;

/// <summary>Reads one field of a request or refuses it by its name; a null is the same as nothing.</summary>
internal static class Fields
{
    public static JsonElement? Maybe(this JsonElement from, string name) =>
        from.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined) ? value : null;

    /// <exception cref="V1Refusal">It is no text.</exception>
    public static string? Text(this JsonElement from, string name, string? path = null) => from.Maybe(name) is { } value ? Said(value, path ?? name) : null;

    /// <summary>Its members, or itself when it is one text; none when it is not there.</summary>
    /// <exception cref="V1Refusal">It is something else, or more than so many.</exception>
    public static IReadOnlyList<string> Texts(this JsonElement from, string name, int most = int.MaxValue) =>
        from.Maybe(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.String ? [Said(value, name)]
        : value.ValueKind == JsonValueKind.Array && value.GetArrayLength() <= most ? [.. value.EnumerateArray().Select(one => Said(one, name))]
        : throw Wrong(name, $"must be a string or an array of at most {most}");

    private static string Said(JsonElement value, string path)
    {
        try
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Wrong(path, "must be a string");
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, which JSON can carry and no text can.
            throw Wrong(path, "must be Unicode text");
        }
    }

    /// <exception cref="V1Refusal">It is no whole number between these.</exception>
    public static int? Whole(this JsonElement from, string name, int least, int most) => from.Maybe(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most ? number
        : throw Wrong(name, $"must be a whole number from {least} to {most}");

    /// <exception cref="V1Refusal">It is no number between these.</exception>
    public static decimal? Number(this JsonElement from, string name, decimal least, decimal most) => from.Maybe(name) is not { } value ? null
        : value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var number) && number >= least && number <= most ? number
        : throw Wrong(name, $"must be a number from {least} to {most}");

    /// <exception cref="V1Refusal">It is neither true nor false.</exception>
    public static bool Flag(this JsonElement from, string name, string? path = null) => from.Maybe(name) is { } value && value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(path ?? name, "must be true or false"),
    };

    /// <exception cref="V1Refusal">It is no object.</exception>
    public static JsonElement? Object(this JsonElement from, string name, string? path = null) =>
        from.Maybe(name) is not { } value ? null : value.ValueKind == JsonValueKind.Object ? value : throw Wrong(path ?? name, "must be an object");

    /// <summary>Its members; none when it is not there.</summary>
    /// <exception cref="V1Refusal">It is no array of objects.</exception>
    public static IReadOnlyList<JsonElement> Objects(this JsonElement from, string name, string? path = null) =>
        from.Maybe(name) is not { } value ? []
        : value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(one => one.ValueKind == JsonValueKind.Object) ? [.. value.EnumerateArray()]
        : throw Wrong(path ?? name, "must be an array of objects");

    public static V1Refusal Wrong(string param, string must) => V1Refusal.Wrong(param, $"{param} {must}.");

    public static V1Refusal NotWith(string model, string param) => V1Refusal.Wrong(param, $"{param} is not supported with {model}.", "unsupported_parameter");
}
