using System.Security.Cryptography;
using System.Text;

namespace Ledgerline.Providers.Twilio;

/// <summary>
/// <c>X-Twilio-Signature</c> of webhooks and of the media socket's upgrade. Twilio signs the address as it called it; of the ways to
/// write its port any will do. Both tokens of a rotation are tried.
/// </summary>
public sealed class TwilioSignature(TwilioOptions options)
{
    public const string Header = "X-Twilio-Signature";
    private const string BodyHash = "bodySHA256=";

    /// <summary>There is nothing to verify with: refuse everything that is signed.</summary>
    public bool IsOff => options.AuthToken is null;

    /// <param name="url">Our public address, with path and query as they were sent; for a socket with the scheme <c>wss</c>.</param>
    /// <param name="form">Every field of the form, those without a value and repeated ones too; none for GET and sockets.</param>
    public bool IsValid(string url, IEnumerable<KeyValuePair<string, string>> form, string signature)
    {
        var fields = Fields(form);
        var given = Encoding.UTF8.GetBytes(signature);
        var isValid = false;
        foreach (var token in Tokens)
        {
            foreach (var spelling in Spellings(url))
            {
                isValid |= CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Sign(token, spelling + fields)), given);
            }
        }

        return isValid;
    }

    /// <summary>Of a body that is no form: the address is signed, and carries the body's hash.</summary>
    public bool IsValidBody(string url, ReadOnlySpan<byte> body, string signature)
    {
        var query = url.IndexOf('?', StringComparison.Ordinal);
        var hash = query < 0 ? null : url[(query + 1)..].Split('&').FirstOrDefault(part => part.StartsWith(BodyHash, StringComparison.Ordinal));
        return hash is not null
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(hash[BodyHash.Length..].ToLowerInvariant()), Encoding.ASCII.GetBytes(Convert.ToHexStringLower(SHA256.HashData(body))))
            && IsValid(url, [], signature);
    }

    private IEnumerable<string> Tokens => new[] { options.AuthToken, options.PreviousAuthToken }.OfType<string>();

    private static string Sign(string token, string text)
    {
#pragma warning disable CA5350 // Twilio signs with SHA-1.
        return Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350
    }

    // Of a name that is repeated each value counts once.
    private static string Fields(IEnumerable<KeyValuePair<string, string>> form) => string.Concat(
        form.Distinct().OrderBy(field => field.Key, StringComparer.Ordinal).ThenBy(field => field.Value, StringComparer.Ordinal).SelectMany(field => new[] { field.Key, field.Value }));

    /// <summary>As it is, without its port, and with the scheme's own port where it has none.</summary>
    private static IEnumerable<string> Spellings(string url)
    {
        yield return url;
        var start = url.IndexOf("://", StringComparison.Ordinal);
        if (start < 0)
        {
            yield break;
        }

        start += "://".Length;
        var end = url.IndexOfAny(['/', '?', '#'], start) is var found and >= 0 ? found : url.Length;
        var host = url.LastIndexOf('@', end - 1, end - start) is var at and >= 0 ? at + 1 : start;
        var colon = url.LastIndexOf(':', end - 1, end - host);
        // The colons of [::1] are none of a port.
        if (colon > url.LastIndexOf(']', end - 1, end - host))
        {
            yield return url[..colon] + url[end..];
        }
        else
        {
            yield return $"{url[..end]}:{(url.StartsWith("https:", StringComparison.OrdinalIgnoreCase) || url.StartsWith("wss:", StringComparison.OrdinalIgnoreCase) ? 443 : 80)}{url[end..]}";
        }
    }
}
