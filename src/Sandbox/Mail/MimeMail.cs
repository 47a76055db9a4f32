using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sandbox.Mail;

/// <summary>A mail taken apart: who from, the subject, and its text and HTML, decoded. Attachments are passed over.</summary>
internal sealed partial class MimeMail
{
    private const int DeepestNesting = 8;

    public string? From { get; private set; }
    public string? Subject { get; private set; }
    public string Text { get; private set; } = "";
    public string? Html { get; private set; }

    /// <summary>Takes the bytes as Latin-1, so that each keeps its value until its character set is known.</summary>
    public static MimeMail Parse(byte[] bytes)
    {
        var mail = new MimeMail();
        var (headers, body) = Split(Encoding.Latin1.GetString(bytes));
        mail.From = headers.TryGetValue("from", out var from) ? Words(from) : null;
        mail.Subject = headers.TryGetValue("subject", out var subject) ? Words(subject) : null;
        mail.Take(headers, body, 0);
        return mail;
    }

    private void Take(Dictionary<string, string> headers, string body, int depth)
    {
        var type = headers.GetValueOrDefault("content-type", "text/plain");
        var media = type.Split(';')[0].Trim().ToLowerInvariant();
        if (media.StartsWith("multipart/", StringComparison.Ordinal))
        {
            if (Parameter(type, "boundary") is { } boundary && depth < DeepestNesting)
            {
                foreach (var part in Parts(body, boundary))
                {
                    var (inner, content) = Split(part);
                    Take(inner, content, depth + 1);
                }
            }

            return;
        }

        if (headers.GetValueOrDefault("content-disposition", "").StartsWith("attachment", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        if (media is "text/plain" or "text/html")
        {
            var text = Decode(body, headers.GetValueOrDefault("content-transfer-encoding", "7bit").Trim().ToLowerInvariant(), Parameter(type, "charset"));
            if (media == "text/html")
            {
                Html ??= text;
            }
            else if (Text.Length == 0)
            {
                Text = text;
            }
        }
    }

    private static (Dictionary<string, string> Headers, string Body) Split(string entity)
    {
        var end = entity.StartsWith("\r\n", StringComparison.Ordinal) ? 0 : entity.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = end < 0 ? entity : entity[..end];
        var body = end < 0 ? "" : entity[(end + (end == 0 ? 2 : 4))..];
        var headers = new Dictionary<string, string>();
        // A header goes on in the next line where that begins with a space.
        foreach (var line in Folds().Replace(head, " ").Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers.TryAdd(line[..colon].Trim().ToLowerInvariant(), line[(colon + 1)..].Trim());
            }
        }

        return (headers, body);
    }

    private static IEnumerable<string> Parts(string body, string boundary) =>
        ("\r\n" + body).Split("\r\n--" + boundary).Skip(1).TakeWhile(part => !part.StartsWith("--", StringComparison.Ordinal))
            .Select(part => part.IndexOf("\r\n", StringComparison.Ordinal) is >= 0 and var line ? part[(line + 2)..] : "");

    private static string? Parameter(string header, string name)
    {
        var match = Regex.Match(header, $"""[;\s]{name}\s*=\s*(?:"([^"]*)"|([^;\s]+))""", RegexOptions.IgnoreCase, TimeSpan.FromSeconds(1));
        return !match.Success ? null : match.Groups[1].Success ? match.Groups[1].Value : match.Groups[2].Value;
    }

    private static string Decode(string body, string coding, string? charset)
    {
        var bytes = coding switch
        {
            "base64" => FromBase64(body),
            "quoted-printable" => FromQuoted(SoftBreaks().Replace(body, ""), underscoreIsSpace: false),
            _ => Encoding.Latin1.GetBytes(body),
        };
        return CharacterSet(charset).GetString(bytes).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');
    }

    /// <summary>Header text with its encoded words (RFC 2047) read.</summary>
    private static string Words(string header)
    {
        var joined = BetweenWords().Replace(header, "?==?");
        return EncodedWord().Replace(joined, word => CharacterSet(word.Groups[1].Value).GetString(
            word.Groups[2].Value is "B" or "b" ? FromBase64(word.Groups[3].Value) : FromQuoted(word.Groups[3].Value, underscoreIsSpace: true))) is var read && read != header
            ? read
            : Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(header));
    }

    private static byte[] FromBase64(string text)
    {
        var packed = Spaces().Replace(text, "");
        var bytes = new byte[packed.Length];
        return Convert.TryFromBase64String(packed, bytes, out var written) ? bytes[..written] : Encoding.Latin1.GetBytes(text);
    }

    private static byte[] FromQuoted(string text, bool underscoreIsSpace)
    {
        var bytes = new List<byte>(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (text[at] == '=' && at + 2 < text.Length && byte.TryParse(text.AsSpan(at + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code))
            {
                bytes.Add(code);
                at += 2;
            }
            else
            {
                bytes.Add(underscoreIsSpace && text[at] == '_' ? (byte)' ' : (byte)text[at]);
            }
        }

        return [.. bytes];
    }

    private static Encoding CharacterSet(string? name) => name?.ToLowerInvariant() is "iso-8859-1" or "latin1" ? Encoding.Latin1 : Encoding.UTF8;

    [GeneratedRegex(@"\r\n[ \t]+")]
    private static partial Regex Folds();

    [GeneratedRegex(@"=[ \t]*\r\n")]
    private static partial Regex SoftBreaks();

    [GeneratedRegex(@"\?=\s+=\?")]
    private static partial Regex BetweenWords();

    [GeneratedRegex(@"=\?([^?\s]+)\?([BbQq])\?([^?]*)\?=")]
    private static partial Regex EncodedWord();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
