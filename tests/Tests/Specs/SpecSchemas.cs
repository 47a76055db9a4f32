using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;

namespace Tests.Specs;

/// <summary>The schemas of one bundle by name, rewritten for NJsonSchema, which knows neither $defs nor const.</summary>
internal sealed class SpecSchemas
{
    private const string Definitions = "#/definitions/";

    private readonly JObject _raw;
    private readonly IDictionary<string, JsonSchema> _compiled;
    private readonly JsonSchemaValidator _validator = new();

    private SpecSchemas(JObject raw, IDictionary<string, JsonSchema> compiled)
    {
        _raw = raw;
        _compiled = compiled;
    }

    /// <param name="schemas">Every schema by name, references as <c>#/$defs/NAME</c>.</param>
    /// <param name="looseOneOf">True where the specification writes oneOf but means anyOf.</param>
    public static async Task<SpecSchemas> Load(JObject schemas, bool looseOneOf)
    {
        var raw = new JObject();
        foreach (var (name, schema) in schemas)
        {
            raw[name] = Rewrite(schema!, looseOneOf);
        }

        var root = await JsonSchema.FromJsonAsync(new JObject { ["definitions"] = raw }.ToString());
        return new SpecSchemas(raw, root.Definitions);
    }

    public bool Has(string name) => _raw.ContainsKey(name);

    /// <summary>Null when the value fits, else what is wrong first, without a full stop.</summary>
    public string? Check(string name, JToken value, string word)
    {
        // A value that hangs in a larger one would be reported by its place there.
        value = value.Parent is null ? value : value.DeepClone();
        var errors = _validator.Validate(value, _compiled[name].ActualSchema);
        return errors.Count == 0 ? null : SpecViolation.Describe(errors, value, word);
    }

    public IEnumerable<string> Names => _raw.Properties().Select(property => property.Name);

    /// <summary>The path of the first field that no branch of the schema has; null when there is none.</summary>
    public string? Unpublished(JToken? schema, JToken value, string path)
    {
        if (value is JArray list)
        {
            return list.Select((item, at) => Unpublished(Union(schema, branch => branch["items"]), item, $"{path}[{at}]")).FirstOrDefault(found => found is not null);
        }

        if (value is not JObject given || Branches(schema).All(branch => branch["properties"] is null))
        {
            return null;
        }

        foreach (var (name, inner) in given)
        {
            var known = Union(schema, branch => branch["properties"]?[name]);
            if (known is null)
            {
                return $"{path}.{name}".TrimStart('.');
            }

            if (Unpublished(known, inner!, $"{path}.{name}") is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private JObject? Union(JToken? schema, Func<JObject, JToken?> part) =>
        Branches(schema).Select(part).Where(one => one is not null).ToList() is { Count: > 0 } parts ? new JObject { ["anyOf"] = new JArray(parts) } : null;

    public JObject Named(string name) => (JObject)_raw[name]!;

    /// <summary>The plain schemas a value may fit: unions opened, references followed.</summary>
    public IEnumerable<JObject> Branches(JToken? schema) => schema switch
    {
        null => [],
        JObject o when o["$ref"] is { } reference => Branches(_raw[Target(reference)]),
        JObject o when (o["anyOf"] ?? o["oneOf"] ?? o["allOf"]) is JArray union => union.SelectMany(Branches),
        JObject o => [o],
        _ => [],
    };

    /// <summary>The name of the union's member that ends so, or the union itself.</summary>
    public string Member(string union, string ending) =>
        (Named(union)["anyOf"] ?? Named(union)["oneOf"])?
            .Select(branch => branch["$ref"] is { } reference ? Target(reference) : "")
            .FirstOrDefault(name => name.EndsWith(ending, StringComparison.Ordinal))
        ?? union;

    public static string Target(JToken reference) => $"{reference}"[($"{reference}".LastIndexOf('/') + 1)..];

    private static JToken Rewrite(JToken node, bool looseOneOf) => node switch
    {
        JArray list => new JArray(list.Select(item => Rewrite(item, looseOneOf))),
        JObject schema => new JObject(schema.Properties().Select(p => Keyword(p, looseOneOf))),
        _ => node.DeepClone(),
    };

    private static JProperty Keyword(JProperty keyword, bool looseOneOf) => keyword switch
    {
        { Name: "$ref" } => new("$ref", Definitions + Target(keyword.Value)),
        { Name: "const" } => new("enum", new JArray(keyword.Value)),
        { Name: "oneOf" } when looseOneOf => new("anyOf", Rewrite(keyword.Value, looseOneOf)),
        { Name: "properties" or "patternProperties", Value: JObject members } => new(
            keyword.Name, new JObject(members.Properties().Select(m => new JProperty(m.Name, Rewrite(m.Value, looseOneOf))))),
        { Name: "enum" or "default" or "required" } => new(keyword),
        _ => new(keyword.Name, Rewrite(keyword.Value, looseOneOf)),
    };
}
