using System.Text;
using Ledgerline.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Ledgerline.Gateway.Uploads;

/// <summary>The small fields around an uploaded file, by name and in the order they came; brackets of an array's name are dropped.</summary>
public sealed class FormFields
{
    private const int LargestBytes = 32 * 1024;
    private const string Brackets = "[]";

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly List<KeyValuePair<string, string>> all = [];
    private int bytes;

    public IReadOnlyList<KeyValuePair<string, string>> All => all;

    public IEnumerable<string> Names => all.Select(pair => pair.Key).Distinct(StringComparer.Ordinal);

    public IReadOnlyList<string> Values(string name) => [.. all.Where(pair => pair.Key == name).Select(pair => pair.Value)];

    /// <summary>Null when it was not sent, or sent empty.</summary>
    /// <exception cref="Invalid">It was sent several times.</exception>
    public string? Value(string name) => Values(name) switch
    {
        [] or [""] => null,
        [var value] => value,
        _ => throw new Invalid("body", name, "Give one value, not several"),
    };

    /// <exception cref="Invalid">The part is no field, too long, or no text.</exception>
    internal async Task<bool> Take(MultipartSection part, CancellationToken stop)
    {
        if (!ContentDispositionHeaderValue.TryParse(part.ContentDisposition, out var disposition)
            || HeaderUtilities.RemoveQuotes(disposition.Name).ToString() is not { Length: > 0 and <= 100 } name)
        {
            throw new Invalid("body", "", "A part of the form has no name");
        }

        name = name.EndsWith(Brackets, StringComparison.Ordinal) ? name[..^Brackets.Length] : name;
        if (disposition.IsFileDisposition())
        {
            throw new Invalid("body", name, "This field is no file");
        }

        using var held = new MemoryStream();
        var buffer = new byte[4096];
        while (await part.Body.ReadAsync(buffer, stop) is > 0 and var read)
        {
            bytes += read;
            if (bytes > LargestBytes)
            {
                throw new Invalid("body", name, "The form's fields are too long");
            }

            held.Write(buffer, 0, read);
        }

        try
        {
            all.Add(new(name, Utf8.GetString(held.GetBuffer(), 0, (int)held.Length)));
        }
        catch (DecoderFallbackException)
        {
            throw new Invalid("body", name, "This field is not UTF-8");
        }

        return true;
    }
}
