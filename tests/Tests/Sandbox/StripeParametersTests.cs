using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Newtonsoft.Json.Linq;
using Sandbox.Stripe;
using Tests.House;
using Tests.Specs;
using Xunit;

namespace Tests.Sandbox;

/// <summary>What the sandbox takes is what the specification takes, name by name; every event it tells is one that Stripe has.</summary>
public sealed class StripeParametersTests
{
    private static readonly JsonObject Played = Skeletons.Load("parameters.json");
    private static readonly Lazy<JObject> Bundle = new(() => (JObject)SpecJson.Parse(File.ReadAllText(Repository.Path("tests", "specs", "stripe.json"))));

    [Fact]
    public void EveryParameterIsTheSpecifications()
    {
        var differences = new List<string>();
        var compared = 0;
        foreach (var (name, shape) in Played.Where(one => !one.Key.StartsWith('@')))
        {
            if (Bundle.Value["x-operations"]![name] is JObject operation)
            {
                compared++;
                Compare(name, shape!, (JObject?)(operation["request"] is JObject { First: JProperty form } ? form.Value : operation["query"]) ?? [], differences);
            }
        }

        Assert.Empty(differences);
        Assert.True(compared > 90, $"only {compared} calls were compared");
    }

    [Fact]
    public void EveryEventNameIsStripes()
    {
        var known = ((JArray)Bundle.Value["$defs"]!["event"]!["properties"]!["type"]!["enum"]!).Select(type => $"{type}").ToHashSet();
        var told = Directory.EnumerateFiles(Repository.Path("src", "Sandbox", "Stripe"), "*.cs", SearchOption.AllDirectories).SelectMany(file => EventName.Matches(File.ReadAllText(file)))
            .Select(match => match.Groups[1].Value).Where(name => !Skeletons.Has(name)).ToHashSet();
        Assert.True(told.Count > 60, $"only {told.Count} names were found");
        Assert.Empty(told.Except(known));
    }

    // Texts of an event's form; the names of the skeletons look alike.
    private static readonly Regex EventName = new(
        "\"((?:billing\\.meter|billing_portal|charge|checkout\\.session|coupon|customer|invoice|invoice_payment|invoiceitem|payment_intent|payment_method|price|product|promotion_code|refund|setup_intent)(?:\\.[a-z_]+)+)\"");

    private static void Compare(string path, JsonNode shape, JObject schema, List<string> differences)
    {
        shape = Resolve(shape);
        schema = Only(schema);
        if (shape is JsonValue leaf)
        {
            CompareLeaf(path, (string)leaf!, schema, differences);
            return;
        }

        if (shape is JsonArray list)
        {
            if (schema["items"] is JObject items)
            {
                Compare(path + "[]", list[0]!, items, differences);
            }
            else
            {
                differences.Add($"{path} is no list");
            }

            return;
        }

        if (shape["|"] is JsonArray alternatives)
        {
            if (alternatives.Count != Kinds(schema).Count)
            {
                differences.Add($"{path} has {Kinds(schema).Count} alternatives");
            }

            return;
        }

        var names = shape.AsObject().Select(one => one.Key).Where(key => key != "*").ToDictionary(key => key.TrimEnd('!', '?'));
        var properties = schema["properties"] as JObject ?? [];
        var required = (schema["required"] as JArray)?.Select(name => $"{name}").ToHashSet() ?? [];
        differences.AddRange(properties.Properties().Select(p => p.Name).Except(names.Keys).Select(name => $"{path}: {name} is missing"));
        differences.AddRange(names.Keys.Except(properties.Properties().Select(p => p.Name)).Select(name => $"{path}: {name} is not Stripe's"));
        differences.AddRange(names.Where(name => required.Contains(name.Key) != name.Value.Contains('!')).Select(name => $"{path}: whether {name.Key} is required"));
        foreach (var (name, key) in names.Where(name => properties.ContainsKey(name.Key)))
        {
            Compare($"{path} {name}", shape[key]!, (JObject)properties[name]!, differences);
        }
    }

    private static void CompareLeaf(string path, string type, JObject schema, List<string> differences)
    {
        var fits = type switch
        {
            "any" => true,
            ['=', .. var choices] => (schema["enum"] as JArray)?.Select(choice => $"{choice}").Where(choice => choice.Length > 0).ToHashSet().SetEquals(choices.Split('|')) == true,
            "string" => $"{schema["type"]}" == "string" && schema["enum"] is null || Kinds(schema).Count == 2,
            _ => $"{schema["type"]}" == type,
        };
        if (!fits)
        {
            differences.Add($"{path} is not {type}");
        }
    }

    private static JsonNode Resolve(JsonNode shape) => shape is JsonValue value && (string)value! is ['@', ..] name ? Resolve(Played[name]!) : shape;

    // The specification writes "may be unset" as one more alternative, the empty text.
    private static JObject Only(JObject schema)
    {
        schema = schema["$ref"] is { } reference ? (JObject)Bundle.Value["$defs"]![$"{reference}".Split('/')[^1]]! : schema;
        var kinds = Kinds(schema);
        return kinds.Count == 1 ? Only(kinds[0]) : schema;
    }

    private static List<JObject> Kinds(JObject schema) =>
        schema["anyOf"] is JArray all ? [.. all.Cast<JObject>().Where(kind => !(kind["enum"] is JArray { Count: 1 } only && $"{only[0]}".Length == 0))] : [];
}
