using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;
using Sandbox.Core;

namespace Sandbox.OpenAi;

/// <summary>A multipart upload, read as a stream: the fields in memory, the audio in a temporary file that goes with this object.</summary>
internal sealed class Upload : IAsyncDisposable
{
    /// <summary>25 MiB, the provider's limit.</summary>
    public const long LongestFileBytes = 26_214_400;

    private const int LongestFieldBytes = 2 * 1024 * 1024;
    private readonly Dictionary<string, List<string>> _fields = [];

    public string? FileName { get; private set; }
    public string? FileType { get; private set; }

    /// <summary>The audio, open for reading at random; nothing when no file came.</summary>
    public FileStream? File { get; private set; }

    public IEnumerable<string> FieldNames => _fields.Keys;

    public IReadOnlyList<string> Values(string name) => _fields.GetValueOrDefault(name) ?? [];

    /// <summary>The last value of a field; an empty one counts as not sent.</summary>
    public string? Value(string name) => Values(name) is [.., { Length: > 0 } value] ? value : null;

    public static async Task<Upload> Read(HttpContext context)
    {
        var stop = context.RequestAborted;
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 } boundary)
        {
            throw new OpenAiError(400, "Send this request as multipart/form-data with a boundary.");
        }

        var upload = new Upload();
        try
        {
            var parts = new MultipartReader(boundary.Value!, context.Request.Body, 64 * 1024);
            while (await parts.ReadNextSectionAsync(stop) is { } part)
            {
                await upload.Take(part, stop);
            }

            RequestLog.Note(context, upload.Summary());
            // What was read as a stream is a form to whoever looks at the request later.
            context.Features.Set<IFormFeature>(new FormFeature(new FormCollection(
                upload._fields.ToDictionary(field => field.Key, field => new StringValues([.. field.Value])))));
            return upload;
        }
        catch (Exception broken) when (broken is InvalidDataException or IOException and not BadHttpRequestException && !stop.IsCancellationRequested)
        {
            await upload.DisposeAsync();
            throw new OpenAiError(400, "Could not parse multipart form.");
        }
        catch (OpenAiError)
        {
            await upload.DisposeAsync();
            // Reading on lets the caller see the answer instead of a broken connection.
            await context.Request.Body.CopyToAsync(Stream.Null, stop);
            throw;
        }
        catch
        {
            await upload.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (File is not null)
        {
            await File.DisposeAsync();
        }
    }

    private async Task Take(MultipartSection part, CancellationToken stop)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition) || disposition.Name.Length == 0)
        {
            throw new OpenAiError(400, "A part of the form has no name.");
        }

        var name = HeaderUtilities.RemoveQuotes(disposition.Name).ToString();
        if (name == "file")
        {
            var given = disposition.FileNameStar.HasValue ? disposition.FileNameStar : HeaderUtilities.RemoveQuotes(disposition.FileName);
            await Spool(part.Body, given.Value, part.ContentType, stop);
            return;
        }

        // Arrays carry brackets on the wire: timestamp_granularities[].
        name = name.EndsWith("[]", StringComparison.Ordinal) ? name[..^2] : name;
        var values = _fields.TryGetValue(name, out var known) ? known : _fields[name] = [];
        values.Add(await Text(part.Body, name, stop));
    }

    private async Task Spool(Stream body, string? fileName, string? contentType, CancellationToken stop)
    {
        if (File is not null)
        {
            throw new OpenAiError(400, "Only one file is allowed.", "file");
        }

        FileName = fileName;
        FileType = contentType;
        File = new FileStream(Path.Combine(Path.GetTempPath(), Ids.New("sandbox-", 20)), new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous,
        });
        var buffer = new byte[64 * 1024];
        long length = 0;
        int read;
        while ((read = await body.ReadAsync(buffer, stop)) > 0)
        {
            length += read;
            if (length > LongestFileBytes)
            {
                throw new OpenAiError(413, string.Create(CultureInfo.InvariantCulture, $"Maximum content size limit ({LongestFileBytes}) exceeded ({length} bytes read)."));
            }

            await File.WriteAsync(buffer.AsMemory(0, read), stop);
        }
    }

    private static async Task<string> Text(Stream body, string name, CancellationToken stop)
    {
        using var held = new MemoryStream();
        var buffer = new byte[4096];
        int read;
        while ((read = await body.ReadAsync(buffer, stop)) > 0)
        {
            if (held.Length + read > LongestFieldBytes)
            {
                throw new OpenAiError(400, $"The field {name} is too long.", name);
            }

            held.Write(buffer, 0, read);
        }

        return Encoding.UTF8.GetString(held.GetBuffer(), 0, (int)held.Length);
    }

    private string Summary()
    {
        var said = new Dictionary<string, object>();
        foreach (var (name, values) in _fields)
        {
            said[name] = values.Count == 1 ? values[0] : values;
        }

        if (File is not null)
        {
            said["file"] = new { name = FileName, content_type = FileType, bytes = File.Length };
        }

        return Json.Text(said);
    }
}
