using System.Globalization;
using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>
/// What each call takes, as the published API description has it (<c>parameters.json</c>: <c>name!</c> is required, <c>name?</c> may
/// be unset with an empty value, <c>=a|b</c> is a choice, <c>[x]</c> a list, <c>*</c> any name, <c>@x</c> defined below). Gives typed
/// values back or refuses as Stripe does: unknown names first, then missing ones, then values.
/// </summary>
internal static class Parameters
{
    private static readonly JsonObject All = Skeletons.Load("parameters.json");

    public static bool Knows(string operation) => All.ContainsKey(operation);

    public static JsonObject Read(string operation, JsonObject given)
    {
        var shape = All[operation]!.AsObject();
        var unknown = new List<string>();
        Unknown(shape, given, "", unknown);
        if (unknown.Count > 0)
        {
            var message = unknown.Count == 1 ? "Received unknown parameter: " : "Received unknown parameters: ";
            throw StripeError.Invalid(message + string.Join(", ", unknown), unknown[0], "parameter_unknown");
        }

        return Object(shape, given, "");
    }

    private static void Unknown(JsonObject shape, JsonObject given, string path, List<string> unknown)
    {
        foreach (var (name, value) in given)
        {
            if (Find(shape, name) is not { } found)
            {
                unknown.Add(Join(path, name));
                continue;
            }

            var (inner, _) = found;
            if (value is JsonObject child && inner is JsonObject children && !children.ContainsKey("|"))
            {
                Unknown(children, child, Join(path, name), unknown);
            }
            else if (value is JsonObject items && inner is JsonArray list && Resolve(list[0]!) is JsonObject entry)
            {
                foreach (var (at, item) in items)
                {
                    Unknown(entry, item as JsonObject ?? [], Join(Join(path, name), at), unknown);
                }
            }
        }
    }

    private static JsonObject Object(JsonObject shape, JsonObject given, string path)
    {
        foreach (var name in shape.Select(one => one.Key).Where(key => key.Contains('!', StringComparison.Ordinal)).Select(key => key.TrimEnd('?', '!')))
        {
            if (!given.ContainsKey(name))
            {
                throw StripeError.Invalid($"Missing required param: {Join(path, name)}.", Join(path, name), "parameter_missing");
            }
        }

        var made = new JsonObject();
        foreach (var (name, value) in given)
        {
            var (inner, unsettable) = Find(shape, name)!.Value;
            made[name] = unsettable && IsEmpty(value) ? JsonValue.Create("") : Value(inner, value!, Join(path, name));
        }

        return made;
    }

    private static JsonNode Value(JsonNode shape, JsonNode given, string path)
    {
        switch (shape)
        {
            case JsonObject choice when choice["|"] is JsonArray alternatives:
                return Either(alternatives, given, path);
            case JsonObject children:
                return Object(children, given as JsonObject ?? throw StripeError.Invalid("Invalid object", path), path);
            case JsonArray list:
                var item = Resolve(list[0]!);
                return new JsonArray([.. Items(given, path).Select(one => Value(item, one.Value!, Join(path, one.Key)))]);
        }

        var type = (string)shape!;
        return type == "any" ? given.DeepClone()
            : given is JsonValue leaf ? Leaf(type, (string)leaf!, path)
            : throw StripeError.Invalid(type == "string" ? "Invalid string" : $"Invalid {type.TrimStart('=')}", path);
    }

    private static IEnumerable<KeyValuePair<string, JsonNode?>> Items(JsonNode given, string path) =>
        given is JsonObject numbered && numbered.All(one => one.Key.Length is > 0 and < 9 && one.Key.All(char.IsAsciiDigit))
            ? numbered.OrderBy(one => int.Parse(one.Key, CultureInfo.InvariantCulture))
            : throw StripeError.Invalid("Invalid array", path);

    private static JsonNode Either(JsonArray alternatives, JsonNode given, string path)
    {
        StripeError? reason = null;
        foreach (var alternative in alternatives)
        {
            try
            {
                return Value(Resolve(alternative!), given, path);
            }
            catch (StripeError refusal)
            {
                reason = refusal;
            }
        }

        throw reason!;
    }

    private static JsonValue Leaf(string type, string text, string path)
    {
        if (text.Length == 0 && type != "string")
        {
            throw StripeError.Invalid(
                $"You passed an empty string for '{path}'. We assume empty values are an attempt to unset a parameter; however '{path}' cannot be unset. "
                + $"You should remove '{path}' from your request or supply a non-empty value.", path, "parameter_invalid_empty");
        }

        switch (type)
        {
            case "string":
                return JsonValue.Create(text);
            case "integer":
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    ? JsonValue.Create(number)
                    : throw StripeError.Invalid($"Invalid integer: {text}", path, "parameter_invalid_integer");
            case "number":
                return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var fraction)
                    ? JsonValue.Create(fraction)
                    : throw StripeError.Invalid($"Invalid decimal: {text}", path);
            case "boolean":
                return text is "true" or "false" ? JsonValue.Create(text == "true") : throw StripeError.Invalid($"Invalid boolean: {text}", path);
        }

        var choices = type[1..].Split('|');
        return choices.Contains(text)
            ? JsonValue.Create(text)
            : throw StripeError.Invalid($"Invalid {path}: must be one of {(choices.Length > 30 ? "the documented values" : string.Join(", ", choices))}", path);
    }

    private static (JsonNode Shape, bool Unsettable)? Find(JsonObject shape, string name)
    {
        foreach (var suffix in (ReadOnlySpan<string>)["", "?", "!", "!?"])
        {
            if (name is not ([.., '?' or '!'] or "*" or "|") && shape[name + suffix] is { } found)
            {
                return (Resolve(found), suffix.Contains('?', StringComparison.Ordinal));
            }
        }

        return shape["*"] is { } any ? (Resolve(any), true) : null;
    }

    private static JsonNode Resolve(JsonNode shape) =>
        shape is JsonValue value && (string)value! is ['@', ..] name ? Resolve(All[name]!) : shape;

    private static bool IsEmpty(JsonNode? value) => value is JsonValue leaf && (string)leaf! == "";

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}[{name}]";
}
