using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Tests.Specs;

/// <summary>A body as a value that a schema can be held against, or what kept it from being read.</summary>
internal sealed record SpecBody(JToken? Value, string? Violation = null)
{
    public const string Json = "application/json";
    public const string Form = "application/x-www-form-urlencoded";
    public const string Multipart = "multipart/form-data";
    public const string EventStream = "text/event-stream";
    public const string SessionDescription = "application/sdp";

    /// <summary>Stands for the bytes of a file part.</summary>
    public const string File = "(file)";

    public static string? MediaType(string? contentType) =>
        MediaTypeHeaderValue.TryParse(contentType, out var media) ? media.MediaType.Value?.ToLowerInvariant() : null;

    /// <param name="contentType">Its header.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="schema">What a form is to be, for names that may be repeated.</param>
    public static SpecBody Read(string contentType, ReadOnlyMemory<byte> body, JObject? schema = null) => MediaType(contentType) switch
    {
        Form => Of(SpecForm.Decode(Encoding.UTF8.GetString(body.Span), schema)),
        Multipart => ReadMultipart(contentType, body),
        SessionDescription => new SpecBody(new JValue(Encoding.UTF8.GetString(body.Span))),
        _ => ReadJson(Encoding.UTF8.GetString(body.Span)),
    };

    /// <summary>The data of each server-sent event; the closing [DONE] is none.</summary>
    public static IEnumerable<SpecBody> Events(ReadOnlyMemory<byte> body) =>
        from block in Encoding.UTF8.GetString(body.Span).ReplaceLineEndings("\n").Split("\n\n")
        let data = block.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal)).Select(line => line[5..].TrimStart(' ')).ToList()
        where data.Count > 0 && data[0] != "[DONE]"
        select ReadJson(string.Join('\n', data));

    /// <summary>The plain top-level fields of a request, as the checks of its answer need them.</summary>
    public static IReadOnlyDictionary<string, string> Fields(string? contentType, ReadOnlyMemory<byte> body) =>
        contentType is not null && Read(contentType, body).Value is JObject fields
            ? fields.Properties().Where(p => p.Value is JValue).ToDictionary(p => p.Name, p => $"{p.Value}")
            : new Dictionary<string, string>();

    private static SpecBody Of(SpecForm form) => new(form.Value, form.Violation);

    private static SpecBody ReadJson(string text)
    {
        try
        {
            return new(SpecJson.Parse(text));
        }
        catch (JsonException broken)
        {
            return new(null, $"the body is not JSON ({broken.Message.TrimEnd('.')})");
        }
    }

    private static SpecBody ReadMultipart(string contentType, ReadOnlyMemory<byte> body)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(contentType).Boundary).Value;
        if (string.IsNullOrEmpty(boundary))
        {
            return new(null, "the multipart body names no boundary");
        }

        var form = new SpecForm();
        try
        {
            var reader = new MultipartReader(boundary, new MemoryStream(body.ToArray()));
            // Over bytes in memory nothing is ever waited for.
            while (reader.ReadNextSectionAsync().GetAwaiter().GetResult() is { } section)
            {
                if (section.GetContentDispositionHeader() is not { } disposition || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { Length: > 0 } name)
                {
                    return new(null, "a part of the multipart body has no name");
                }

                if (!disposition.IsFileDisposition())
                {
                    var text = new StreamReader(section.Body).ReadToEnd();
                    if (MediaType(section.ContentType) != Json)
                    {
                        form.Add(name, text);
                        continue;
                    }

                    var part = ReadJson(text);
                    if (part.Violation is not null)
                    {
                        return part;
                    }

                    form.Value[name] = part.Value;
                    continue;
                }

                form.Add(name, File);
                if (!Path.HasExtension(HeaderUtilities.RemoveQuotes(disposition.FileName).Value) || section.ContentType is null)
                {
                    return new(null, $"the file {name} needs a file name with an extension and a content type");
                }
            }
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            return new(null, $"the multipart body is broken ({broken.Message.TrimEnd('.')})");
        }

        return Of(form);
    }
}
