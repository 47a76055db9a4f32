using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>The parameters of one call, typed by <see cref="Parameters"/>; knows its own path, so that a refusal can name it.</summary>
internal sealed class Params(JsonObject values, string path = "")
{
    public static readonly Params None = new([]);

    public JsonObject Values => values;

    public bool Has(string name) => values.ContainsKey(name);

    public string PathOf(string name) => path.Length == 0 ? name : $"{path}[{name}]";

    /// <summary>A text, or nothing when it is missing, was sent empty, or is a number or a flag.</summary>
    public string? Text(string name) => values[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length > 0 ? text : null;

    public string Required(string name) =>
        Text(name) ?? throw StripeError.Invalid($"Missing required param: {PathOf(name)}.", PathOf(name), "parameter_missing");

    public long? Long(string name) => values[name] is JsonValue value && value.TryGetValue<long>(out var number) ? number : null;

    public decimal? Decimal(string name) => values[name] is JsonValue value && value.TryGetValue<decimal>(out var number) ? number : null;

    public bool? Flag(string name) => values[name] is JsonValue value && value.TryGetValue<bool>(out var flag) ? flag : null;

    /// <summary>An object's parameters; empty ones when it is missing.</summary>
    public Params Child(string name) => new(values[name] as JsonObject ?? [], PathOf(name));

    public IReadOnlyList<Params> Children(string name) =>
        values[name] is JsonArray items ? [.. items.Select((item, at) => new Params(item as JsonObject ?? [], $"{PathOf(name)}[{at}]"))] : [];

    public IReadOnlyList<string> Texts(string name) => values[name] is JsonArray items ? [.. items.Select(item => (string)item!)] : [];

    /// <summary>Copies those of these fields that were sent; an empty text unsets the field.</summary>
    public void CopyTo(JsonObject target, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (values.TryGetPropertyValue(name, out var value))
            {
                target[name] = !IsEmpty(value) ? Complete(name, value!.DeepClone()) : target[name] is JsonArray ? new JsonArray() : null;
            }
        }
    }

    private static bool IsEmpty(JsonNode? value) => value is JsonValue leaf && leaf.TryGetValue<string>(out var text) && text.Length == 0;

    // Stripe answers these whole, whatever was sent of them.
    private static JsonNode Complete(string name, JsonNode value)
    {
        if (value is JsonObject sent)
        {
            switch (name)
            {
                case "address":
                    return Filled(Skeletons.New("address"), sent);
                case "shipping":
                    sent["address"] = Filled(Skeletons.New("address"), sent.Child("address") ?? []);
                    return Filled(new JsonObject { ["phone"] = null }, sent);
                case "rendering_options":
                    return Filled(new JsonObject { ["amount_tax_display"] = null, ["template"] = null }, sent);
            }
        }

        return value;
    }

    private static JsonObject Filled(JsonObject whole, JsonObject sent)
    {
        foreach (var (name, value) in sent)
        {
            whole[name] = IsEmpty(value) ? null : value!.DeepClone();
        }

        return whole;
    }

    /// <summary>Merges <c>metadata</c>: a key sent empty is deleted, all of it sent empty clears it.</summary>
    public void MergeMetadata(JsonObject target)
    {
        if (!Has("metadata"))
        {
            return;
        }

        if (values["metadata"] is not JsonObject sent)
        {
            target["metadata"] = new JsonObject();
            return;
        }

        var merged = target.Child("metadata")?.Copy() ?? [];
        foreach (var (key, value) in sent)
        {
            var text = (string)value!;
            if (key.Length > 40 || text.Length > 500)
            {
                throw StripeError.Invalid(
                    key.Length > 40 ? $"Metadata keys can have up to 40 characters, but you passed in one with {key.Length} characters."
                    : $"Metadata values can have up to 500 characters, but you passed in a value that is {text.Length} characters for '{key}'.", PathOf("metadata"));
            }

            merged.Remove(key);
            if (text.Length > 0)
            {
                merged[key] = text;
            }
        }

        target["metadata"] = merged.Count <= 50 ? merged : throw StripeError.Invalid("You can only specify up to 50 keys in metadata.", PathOf("metadata"));
    }
}
