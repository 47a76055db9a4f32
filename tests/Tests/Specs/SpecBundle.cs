using Newtonsoft.Json.Linq;

namespace Tests.Specs;

/// <summary>One provider's published specification: says whether a request or an answer fits it, and if not, what is wrong first.</summary>
internal sealed class SpecBundle
{
    private readonly SpecSchemas _schemas;
    private readonly IReadOnlyList<SpecOperation> _operations;
    private readonly string? _errorSchema;
    private readonly bool _flatForms;

    private SpecBundle(SpecSchemas schemas, IReadOnlyList<SpecOperation> operations, string? errorSchema, bool flatForms)
    {
        _schemas = schemas;
        _operations = operations;
        _errorSchema = errorSchema;
        _flatForms = flatForms;
    }

    /// <summary>Reads a bundle made by tests/specs/regenerate.py.</summary>
    /// <param name="file">The bundle.</param>
    /// <param name="errorSchema">The schema of an error whose status the specification does not list; null: such answers pass.</param>
    /// <param name="looseOneOf">True where the specification writes oneOf but means anyOf.</param>
    /// <param name="flatForms">True where forms have no brackets and lists are repeated names.</param>
    public static async Task<SpecBundle> Load(string file, string? errorSchema = null, bool looseOneOf = false, bool flatForms = false)
    {
        var bundle = SpecJson.Parse(await File.ReadAllTextAsync(file));
        var schemas = (JObject)bundle["$defs"]!;
        var operations = ((JObject)bundle["x-operations"]!).Properties()
            .Select(o => SpecOperation.Read(o.Name, (JObject)o.Value, schemas))
            .OrderBy(o => o.Wildcards)
            .ToList();
        return new SpecBundle(await SpecSchemas.Load(schemas, looseOneOf), operations, errorSchema, flatForms);
    }

    /// <summary>Null when the request fits, else a sentence naming the first violation.</summary>
    public string? CheckRequest(string method, string path, string? query, string? contentType, ReadOnlyMemory<byte> body)
    {
        if (Find(method, path) is not { } operation)
        {
            return $"{method} {path}: the specification has no such operation.";
        }

        var violation = CheckQuery(operation, query) ?? CheckBody(operation, contentType, body);
        return violation is null ? null : $"{operation.Name}: {violation}.";
    }

    /// <summary>Null when the answer fits, else a sentence naming the first violation.</summary>
    /// <param name="request">The request's own fields (<see cref="SpecBody.Fields"/>), where the answer's shape depends on them.</param>
    public string? CheckAnswer(
        string method, string path, int status, string? contentType, ReadOnlyMemory<byte> body, IReadOnlyDictionary<string, string>? request = null)
    {
        // To refuse an address that does not exist is right, in the provider's words.
        var operation = Find(method, path);
        var violation = operation is null && status < 400
            ? "the specification has no such operation"
            : CheckAnswer(operation, status, SpecBody.MediaType(contentType), body, request?.GetValueOrDefault("response_format"));
        return violation is null ? null : $"{operation?.Name ?? $"{method} {path}"} → {status}: {violation}.";
    }

    public bool Has(string schema) => _schemas.Has(schema);

    /// <summary>Null when the value fits the named schema, else a sentence naming the first violation.</summary>
    public string? Check(string schema, JToken value) => _schemas.Check(schema, value, "field") is { } violation ? $"{schema}: {violation}." : null;

    /// <summary>Null when the value has no field, at any depth, that the named schema does not publish, else a sentence naming the first. For schemas that are open on paper.</summary>
    public string? CheckNames(string schema, JToken value) =>
        _schemas.Unpublished(_schemas.Named(schema), value, "") is { } path ? $"{schema}: the field {path} is not in the specification." : null;

    /// <summary>The schema whose name begins so and that describes events of this type; null when there is none.</summary>
    public string? EventSchema(string prefix, string type) => _schemas.Names.FirstOrDefault(name =>
        name.StartsWith(prefix, StringComparison.Ordinal) && _schemas.Named(name)["properties"]?["type"]?["enum"] is JArray { Count: 1 } types && $"{types[0]}" == type);

    private SpecOperation? Find(string method, string path) => _operations.FirstOrDefault(o => o.Matches(method, path));

    private string? CheckQuery(SpecOperation operation, string? query)
    {
        var asked = SpecForm.Decode(query);
        return asked.Violation is not null ? asked.Violation
            : operation.Query is { } shape ? _schemas.Check(shape, Coerced(asked.Value, shape), "query parameter")
            : asked.Value.Properties().Select(p => $"the query parameter {p.Name} is not in the specification").FirstOrDefault();
    }

    private string? CheckBody(SpecOperation operation, string? contentType, ReadOnlyMemory<byte> body)
    {
        if (operation.Request.Count == 0)
        {
            return body.IsEmpty ? null : "there should be no body";
        }

        // Without a body there are no parameters; whether that may be, the schema says.
        var media = body.IsEmpty && contentType is null ? operation.Request.Keys.First() : SpecBody.MediaType(contentType);
        if (media is null || !operation.Request.TryGetValue(media, out var shape))
        {
            return WrongMedia(media, operation.Request.Keys);
        }

        var read = SpecBody.Read(contentType ?? media, body, _flatForms ? _schemas.Named(shape) : null);
        if (read.Violation is not null)
        {
            return read.Violation;
        }

        var value = media == SpecBody.Json ? read.Value! : Coerced(read.Value!, shape);
        return _schemas.Check(shape, value, "parameter") ?? (media == SpecBody.Multipart ? CheckFiles(value, shape) : null);
    }

    private string? CheckFiles(JToken value, string shape) => (
        from property in (_schemas.Named(shape)["properties"] as JObject)?.Properties() ?? []
        where $"{property.Value["format"]}" == "binary" && value[property.Name] is { } sent && $"{sent}" != SpecBody.File
        select $"the parameter {property.Name} is not sent as a file").FirstOrDefault();

    private string? CheckAnswer(SpecOperation? operation, int status, string? media, ReadOnlyMemory<byte> body, string? format)
    {
        if (status < 400 && format is "text" or "srt" or "vtt")
        {
            return media == SpecBody.Json ? $"response_format {format} is plain text, not JSON" : null;
        }

        var answers = operation?.Answers.GetValueOrDefault($"{status}") ?? operation?.Answers.GetValueOrDefault("default");
        if (answers is null)
        {
            if (status < 400)
            {
                return "the specification has no such status";
            }

            answers = _errorSchema is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [SpecBody.Json] = _errorSchema };
        }

        if (answers.Count == 0)
        {
            return null;
        }

        if (media is null || !answers.TryGetValue(media, out var shape))
        {
            return WrongMedia(media, answers.Keys);
        }

        // A verbose transcription also fits the short schema: the union alone would let either stand for the other.
        var member = _schemas.Member(shape, format switch { "verbose_json" => "ResponseVerboseJson", "diarized_json" => "ResponseDiarizedJson", _ => "ResponseJson" });
        return (media == SpecBody.EventStream ? SpecBody.Events(body) : [SpecBody.Read(media, body)])
            .Select(read => read.Violation ?? _schemas.Check(member, read.Value!, "field"))
            .FirstOrDefault(violation => violation is not null);
    }

    private JToken Coerced(JToken raw, string shape) => SpecForm.Coerce(raw, _schemas.Named(shape), _schemas);

    private static string WrongMedia(string? media, IEnumerable<string> offered) =>
        $"the body is {media ?? "without a content type"}, not {string.Join(" or ", offered)}";
}
