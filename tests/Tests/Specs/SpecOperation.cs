using Newtonsoft.Json.Linq;

namespace Tests.Specs;

/// <summary>One operation of a specification: its path template and the names of the schemas of what goes in and out, by media type.</summary>
internal sealed record SpecOperation(
    string Name,
    string Method,
    string[] Segments,
    string? Query,
    IReadOnlyDictionary<string, string> Request,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Answers)
{
    /// <summary>How many segments are parameters; the most literal template is asked first.</summary>
    public int Wildcards => Segments.Count(IsParameter);

    /// <summary>Reads one entry of x-operations; schemas written in place are added to <paramref name="schemas"/> under a name of their own.</summary>
    public static SpecOperation Read(string name, JObject shape, JObject schemas)
    {
        var space = name.IndexOf(' ');
        var answers = ((JObject)shape["responses"]!).Properties().ToDictionary(p => p.Name, p => ByMedia(p.Value, $"{name} {p.Name}"));
        return new SpecOperation(
            name, name[..space], name[(space + 1)..].Split('/'),
            shape["query"] is { } query ? NameOf(query, $"{name} query") : null,
            ByMedia(shape["request"], $"{name} request"), answers);

        IReadOnlyDictionary<string, string> ByMedia(JToken? byMedia, string prefix) => byMedia is JObject found
            ? found.Properties().ToDictionary(p => p.Name, p => NameOf(p.Value, $"{prefix} {p.Name}"))
            : new Dictionary<string, string>();

        string NameOf(JToken schema, string otherwise)
        {
            if (schema["$ref"] is { } reference)
            {
                return SpecSchemas.Target(reference);
            }

            schemas[otherwise] = schema;
            return otherwise;
        }
    }

    public bool Matches(string method, string path)
    {
        var given = path.Split('/');
        return Method == method
            && given.Length == Segments.Length
            && given.Zip(Segments).All(pair => IsParameter(pair.Second) ? Fills(pair.First, pair.Second) : pair.First == pair.Second);
    }

    // What stands behind the parameter in its segment is literal: {Sid}.json, {model}:countTokens.
    private static bool Fills(string given, string segment) =>
        segment[(segment.IndexOf('}') + 1)..] is var ending && given.Length > ending.Length && given.EndsWith(ending, StringComparison.Ordinal);

    private static bool IsParameter(string segment) => segment.StartsWith('{');
}
