using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>Reads and writes the JSON objects that this sandbox's world is made of. Numbers are always 64-bit integers.</summary>
internal static class Node
{
    public static string? Text(this JsonObject node, string name) => (string?)node[name];

    public static string? Text(this JsonObject node, string child, string name) => node.Child(child)?.Text(name);

    public static string Id(this JsonObject node) => node.Text("id")!;

    public static long Long(this JsonObject node, string name) => node[name]!.GetValue<long>();

    /// <summary>Nothing when the field is null or missing.</summary>
    public static long? LongOrNull(this JsonObject node, string name) => node[name]?.GetValue<long>();

    /// <summary>The objects of a list within this one: <c>{name: {data: […]}}</c>.</summary>
    public static IReadOnlyList<JsonObject> List(this JsonObject node, string name) =>
        node.Child(name)?["data"] is JsonArray data ? [.. data.Select(one => one!.AsObject())] : [];

    /// <summary>The texts of an array.</summary>
    public static IReadOnlyList<string> Texts(this JsonObject node, string name) => node[name] is JsonArray all ? [.. all.Select(one => (string)one!)] : [];

    public static bool Flag(this JsonObject node, string name) => node[name]?.GetValue<bool>() == true;

    public static JsonObject? Child(this JsonObject node, string name) => node[name] as JsonObject;

    public static JsonObject Copy(this JsonObject node) => node.DeepClone().AsObject();

    /// <summary>Several fields at once; a node that already has a parent is copied.</summary>
    public static JsonObject With(this JsonObject node, params ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        foreach (var (name, value) in fields)
        {
            node[name] = value?.Parent is null ? value : value.DeepClone();
        }

        return node;
    }

    /// <summary>What these fields were before, where they differ now: an event's <c>previous_attributes</c>.</summary>
    public static JsonObject Difference(JsonObject before, JsonObject now)
    {
        var changed = new JsonObject();
        foreach (var (name, value) in now)
        {
            if (!JsonNode.DeepEquals(before[name], value))
            {
                changed[name] = before[name]?.DeepClone();
            }
        }

        return changed;
    }
}
