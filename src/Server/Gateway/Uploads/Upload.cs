using System.Buffers;
using System.Security.Cryptography;
using Ledgerline.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Ledgerline.Gateway.Uploads;

/// <summary>The recording of a multipart request: a small one in shared memory, another on disk with no more of it in memory than one buffer.</summary>
public sealed class Upload : IAsyncDisposable
{
    private const int BufferBytes = 64 * 1024;
    private const int MostParts = 100;
    private const int LongestBoundary = 70;

    private Upload(Stream audio, string fileName, string? sha256) => (Audio, FileName, Sha256, Bytes) = (audio, fileName, sha256, audio.Length);

    /// <summary>It can be read from any place, by one at a time.</summary>
    public Stream Audio { get; }

    /// <summary>As the client gave it, made harmless.</summary>
    public string FileName { get; }

    public long Bytes { get; }

    /// <summary>Null when nobody asked for it.</summary>
    public string? Sha256 { get; }

    /// <param name="field">The form's field that holds the file.</param>
    /// <param name="hash">Whether to make <see cref="Sha256"/> on the way.</param>
    /// <param name="fields">Takes the form's other fields, wherever they stand; without it they are skipped unread.</param>
    /// <exception cref="Invalid">There is not exactly one file, or the body is no multipart form.</exception>
    /// <exception cref="BadHttpRequestException">With status 413: the file is too large; the rest of it stays unread.</exception>
    public static async Task<Upload> Read(HttpContext context, UploadStore store, string field, bool hash, FormFields? fields = null)
    {
        var options = store.Options;
        if (context.Request.ContentLength > options.LargestRequestBytes)
        {
            throw TooLarge();
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = options.LargestRequestBytes;
        }

        var stop = context.RequestAborted;
        var parts = new MultipartReader(Boundary(context.Request, field), context.Request.Body, BufferBytes);
        Upload? upload = null;
        try
        {
            for (var count = 1; await Careful(() => parts.ReadNextSectionAsync(stop), field, stop) is { } part; count++)
            {
                if (count > MostParts)
                {
                    throw Wrong(field, "The form has too many parts");
                }

                if (FileNameOf(part, field) is { } fileName)
                {
                    upload = upload is null ? await Store(part.Body, fileName, store, context.Request.ContentLength, field, hash, stop) : throw Wrong(field, "Send one file, not several");
                }
                else if (fields is not null)
                {
                    await Careful(() => fields.Take(part, stop), field, stop);
                }
            }

            return upload switch
            {
                null => throw Invalid.Missing("body", field),
                { Bytes: 0 } => throw Wrong(field, "The file is empty"),
                _ => upload,
            };
        }
        catch
        {
            if (upload is not null)
            {
                await upload.DisposeAsync();
            }

            throw;
        }
    }

    public ValueTask DisposeAsync() => Audio.DisposeAsync();

    private static string Boundary(HttpRequest request, string field) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= LongestBoundary } boundary
            ? boundary.ToString()
            : throw Wrong(field, $"Send the file as multipart/form-data in the field {field}");

    // The file's name when the part is our field.
    private static string? FileNameOf(MultipartSection part, string field)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)
            || HeaderUtilities.RemoveQuotes(disposition.Name) != field)
        {
            return null;
        }

        return disposition.IsFileDisposition()
            ? HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).ToString()
            : throw Wrong(field, $"The field {field} must be a file with a file name");
    }

    private static async Task<Upload> Store(
        Stream body, string fileName, UploadStore store, long? most, string field, bool hash, CancellationToken stop)
    {
        var audio = store.Open(most);
        using var digest = hash ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (await Careful(() => body.ReadAsync(buffer, stop).AsTask(), field, stop) is > 0 and var read)
            {
                if (audio.Position + read > store.Options.LargestAudioBytes)
                {
                    throw TooLarge();
                }

                digest?.AppendData(buffer.AsSpan(0, read));
                await audio.WriteAsync(buffer.AsMemory(0, read), stop);
            }

            return new Upload(audio, AudioFileName.Clean(fileName), digest is null ? null : Convert.ToHexStringLower(digest.GetHashAndReset()));
        }
        catch
        {
            await audio.DisposeAsync();
            throw;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    // What the reader of multipart bodies cannot read is the client's mistake; what our own disk refuses is not, and passes here.
    private static async Task<T> Careful<T>(Func<Task<T>> read, string field, CancellationToken stop)
    {
        try
        {
            return await read();
        }
        catch (Exception broken) when (broken is InvalidDataException or (IOException and not BadHttpRequestException) && !stop.IsCancellationRequested)
        {
            throw Wrong(field, "The multipart body is broken off or malformed");
        }
    }

    private static BadHttpRequestException TooLarge() => new("The file is too large.", StatusCodes.Status413PayloadTooLarge);

    private static Invalid Wrong(string field, string sentence) => new("body", field, sentence);
}
