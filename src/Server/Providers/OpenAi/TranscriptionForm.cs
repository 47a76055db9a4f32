using System.Net.Http.Headers;
using System.Text;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi;

/// <summary>The multipart form of a transcription; the recording is read while it is sent.</summary>
internal static class TranscriptionForm
{
    private const int BufferBytes = 64 * 1024;

    public static MultipartFormDataContent Of(IEnumerable<KeyValuePair<string, string>> fields, Stream recording, string fileName, string contentType)
    {
        // File names travel as UTF-8, as browsers send them: the encoded-word form hides the extension that names the format.
        var form = new MultipartFormDataContent { HeaderEncodingSelector = (_, _) => Encoding.UTF8 };
        foreach (var (name, value) in fields)
        {
            Field(form, name, value);
        }

        var audio = new StreamContent(recording, BufferBytes);
        audio.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        audio.Headers.TryAddWithoutValidation("Content-Disposition", $"form-data; name=\"file\"; filename=\"{Escape(fileName)}\"");
        form.Add(audio);
        return form;
    }

    public static IEnumerable<KeyValuePair<string, string>> Fields(TranscriptionOrder order)
    {
        yield return new("model", order.Model);
        yield return new("response_format", FormatOf(order.Model));
        if (order.Language is { } language)
        {
            // The provider knows languages, not their regions: en, not en-US.
            yield return new("language", language.Split('-')[0]);
        }
    }

    /// <summary>Only the detailed format says how long the recording was; the gpt models do not have it.</summary>
    public static string FormatOf(string model) => model.StartsWith("gpt-", StringComparison.Ordinal) ? "json" : "verbose_json";

    // As the WHATWG's form encoding has it; nothing of a name can end the header or its quotes.
    private static string Escape(string fileName)
    {
        var escaped = new StringBuilder(fileName.Length);
        foreach (var c in fileName)
        {
            _ = c switch
            {
                '"' => escaped.Append("%22"),
                '\\' or '/' => escaped.Append('_'),
                _ when char.IsControl(c) => escaped.Append('_'),
                _ => escaped.Append(c),
            };
        }

        return escaped.ToString();
    }

    private static void Field(MultipartFormDataContent form, string name, string value)
    {
        var content = new StringContent(value);
        content.Headers.ContentType = null;
        form.Add(content, $"\"{name}\"");
    }
}
