using System.Text.Json.Nodes;

namespace Sandbox.Stripe;

/// <summary>New objects with every field that Stripe's answers have, empty; the flow fills in what it determines.</summary>
internal static class Skeletons
{
    private static readonly JsonObject All = Load("skeletons.json");

    public static JsonObject New(string kind) => All[kind]!.DeepClone().AsObject();

    public static bool Has(string kind) => All.ContainsKey(kind);

    public static JsonObject Load(string name)
    {
        using var stream = typeof(Skeletons).Assembly.GetManifestResourceStream("Sandbox.Stripe." + name)
            ?? throw new InvalidOperationException($"The sandbox was built without its resource {name}.");
        return JsonNode.Parse(stream)!.AsObject();
    }
}
