using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Sandbox.Google;

/// <summary>Somebody with a Google account. The same address is the same person, unless a subject is given.</summary>
internal sealed record GooglePerson(string Sub, string Email, bool EmailVerified, string Name)
{
    public string GivenName => Name.Split(' ')[0];

    public string? FamilyName => Name.Contains(' ', StringComparison.Ordinal) ? Name[(Name.IndexOf(' ', StringComparison.Ordinal) + 1)..] : null;

    public static GooglePerson Of(string email, string? name = null, string? sub = null, bool emailVerified = true)
    {
        email = email.Trim();
        return new GooglePerson(sub ?? SubOf(email), email, emailVerified, string.IsNullOrWhiteSpace(name) ? NameOf(email) : name.Trim());
    }

    public static bool IsEmail(string? text) =>
        text?.Trim() is { Length: > 2 and <= 254 } email && email.IndexOf('@', StringComparison.Ordinal) is > 0 and var at && at < email.Length - 1 && !email.Any(char.IsWhiteSpace);

    private static string SubOf(string email)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(email.ToLowerInvariant()));
        var number = BigInteger.Remainder(new BigInteger(hash.AsSpan(0, 16), isUnsigned: true), BigInteger.Pow(10, 20));
        return "1" + number.ToString("D20", CultureInfo.InvariantCulture);
    }

    private static string NameOf(string email) =>
        string.Join(' ', email[..email.IndexOf('@', StringComparison.Ordinal)].Split(['.', '_', '-', '+'], StringSplitOptions.RemoveEmptyEntries)
            .Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
}
