using System.Globalization;
using System.Net;
using Newtonsoft.Json.Linq;

namespace Tests.Specs;

/// <summary>Forms as providers write them: <c>a[b][0][c]=v</c> becomes nested values, typed as the schema says; where it has a list, a plain name may be repeated.</summary>
internal sealed class SpecForm(JObject? schema = null)
{
    public JObject Value { get; } = [];

    /// <summary>What could not be read, or null.</summary>
    public string? Violation { get; private set; }

    /// <param name="encoded">The form.</param>
    /// <param name="schema">What it is to be, for names that may be repeated.</param>
    public static SpecForm Decode(string? encoded, JObject? schema = null)
    {
        var form = new SpecForm(schema);
        foreach (var pair in (encoded ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=');
            form.Add(WebUtility.UrlDecode(equals < 0 ? pair : pair[..equals]), equals < 0 ? "" : WebUtility.UrlDecode(pair[(equals + 1)..]));
        }

        return form;
    }

    public void Add(string name, string value)
    {
        if (Path(name) is not { } path)
        {
            Violation ??= $"the name {name} has brackets that do not match";
            return;
        }

        var node = Value;
        foreach (var part in path[..^1])
        {
            var key = Key(node, part);
            if (node[key] is JValue)
            {
                Violation ??= $"the parameter {name} stands beside a plain value of the same name";
                return;
            }

            node[key] ??= new JObject();
            node = (JObject)node[key]!;
        }

        var last = Key(node, path[^1]);
        if (path.Length == 1 && schema?["properties"]?[last] is JObject member && Is(member, "array"))
        {
            ((JArray)(node[last] ??= new JArray())).Add(value);
            return;
        }

        if (node.ContainsKey(last))
        {
            Violation ??= $"the parameter {name} is given more than once";
            return;
        }

        node[last] = value;
    }

    /// <summary>Makes lists of numbered members, and numbers and booleans of text, where the schema wants them and only there.</summary>
    public static JToken Coerce(JToken raw, JToken schema, SpecSchemas schemas)
    {
        var branches = schemas.Branches(schema).ToList();
        return raw switch
        {
            JObject members when IsList(members, branches) => new JArray(members.Properties()
                .OrderBy(p => int.Parse(p.Name, CultureInfo.InvariantCulture))
                .Select(p => Coerce(p.Value, Union(branches.Select(b => b["items"])), schemas))),
            JObject members => new JObject(members.Properties()
                .Select(p => new JProperty(p.Name, Coerce(p.Value, Union(branches.Select(b => Member(b, p.Name))), schemas)))),
            JValue { Value: string text } => Typed(text, branches),
            _ => raw,
        };
    }

    // "a[b][][c]" is a, b, "", c; an empty part means the next place of a list.
    private static string[]? Path(string name)
    {
        var open = name.IndexOf('[');
        if (open < 0)
        {
            return name.Length == 0 ? null : [name];
        }

        return open == 0 || !name.EndsWith(']') ? null : [name[..open], .. name[(open + 1)..^1].Split("][")];
    }

    private static string Key(JObject node, string part) => part.Length == 0 ? node.Count.ToString(CultureInfo.InvariantCulture) : part;

    private static bool IsList(JObject members, List<JObject> branches) =>
        branches.Any(b => Is(b, "array")) && members.Properties().All(p => int.TryParse(p.Name, NumberStyles.None, CultureInfo.InvariantCulture, out _));

    private static JValue Typed(string text, List<JObject> branches)
    {
        if (branches.Any(b => Is(b, "string") && (b["enum"] is not { } allowed || allowed.Any(v => $"{v}" == text))))
        {
            return new JValue(text);
        }

        return branches.Any(b => Is(b, "integer")) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? new JValue(whole)
            : branches.Any(b => Is(b, "number")) && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? new JValue(number)
            : branches.Any(b => Is(b, "boolean")) && text is "true" or "false" ? new JValue(text == "true")
            : new JValue(text);
    }

    private static JToken? Member(JObject schema, string name) => schema["properties"]?[name] ?? schema["additionalProperties"] as JObject;

    private static JObject Union(IEnumerable<JToken?> schemas) => new() { ["anyOf"] = new JArray(schemas.Where(s => s is not null)) };

    private static bool Is(JObject schema, string type) => schema["type"] switch
    {
        JArray types => types.Any(t => $"{t}" == type),
        { } one => $"{one}" == type,
        null => false,
    };
}
