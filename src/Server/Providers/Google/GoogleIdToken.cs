using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ledgerline.Providers.Google;

/// <summary>
/// Checks Google's ID tokens, in this order: algorithm, key, signature, times, issuer, audience, subject. Ours rather than the
/// library's because that one reads the real clock, fetches from a fixed address and tries every key whatever the kid says.
/// </summary>
internal static class GoogleIdToken
{
    private const int LongestToken = 16 * 1024;
    private const long LongestLifeSeconds = 86_400;
    private const long ToleranceSeconds = 300;

    /// <exception cref="GoogleFailure">The token breaks a rule.</exception>
    public static async Task<GooglePerson> Verify(
        string token, string clientId, DateTimeOffset now, Func<string, Task<RSAParameters?>> findKey)
    {
        if (token.Length > LongestToken || token.Split('.') is not [var header, var payload, var signature])
        {
            throw Refused("is not three segments");
        }

        var head = Read(header);
        if (Text(head, "alg") != "RS256")
        {
            throw Refused("has another algorithm than RS256");
        }

        if (Text(head, "kid") is not { } kid || await findKey(kid) is not { } key)
        {
            throw Refused("names a key that Google does not have");
        }

        if (!IsSigned(header, payload, signature, key))
        {
            throw Refused("is not signed by its key");
        }

        var claims = Read(payload);
        CheckTimes(claims, now.ToUnixTimeSeconds());
        if (Text(claims, "iss") is not ("https://accounts.google.com" or "accounts.google.com"))
        {
            throw Refused("has another issuer");
        }

        if (Text(claims, "aud") != clientId)
        {
            throw Refused("is meant for another client");
        }

        var person = GooglePerson.From(
            Text(claims, "sub"), Text(claims, "email"), IsTrue(claims, "email_verified"), Text(claims, "name"), Text(claims, "picture"));
        return person is null ? throw Refused("names nobody") : person with { IsFromIdToken = true, Nonce = Text(claims, "nonce") };
    }

    private static void CheckTimes(JsonElement claims, long now)
    {
        if (Number(claims, "iat") is not { } issued || Number(claims, "exp") is not { } expires)
        {
            throw Refused("does not say from when to when it is good");
        }

        if (expires >= now + LongestLifeSeconds || issued > now + ToleranceSeconds || expires < now - ToleranceSeconds)
        {
            throw Refused("is not good at this time");
        }
    }

    private static bool IsSigned(string header, string payload, string signature, RSAParameters key)
    {
        try
        {
            using var rsa = RSA.Create(key);
            return rsa.VerifyData(
                Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }
        catch (Exception failure) when (failure is FormatException or CryptographicException)
        {
            return false;
        }
    }

    private static JsonElement Read(string segment)
    {
        try
        {
            return JsonElement.Parse(Base64Url.DecodeFromChars(segment)) is { ValueKind: JsonValueKind.Object } value ? value : throw Refused("holds no object");
        }
        catch (Exception failure) when (failure is FormatException or JsonException)
        {
            throw Refused("cannot be read");
        }
    }

    private static string? Text(JsonElement element, string name)
    {
        try
        {
            return element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a character, escaped: JSON allows it and no text can hold it.
            return null;
        }
    }

    private static bool IsTrue(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && (value.ValueKind == JsonValueKind.True || value.ValueKind == JsonValueKind.String && value.GetString() == "true");

    private static long? Number(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    private static GoogleFailure Refused(string what) => new(GoogleFault.Refused, $"Google's ID token {what}.");
}
