using System.Text;

namespace Ledgerline.Providers.Google;

/// <summary>Whom Google vouches for, from a verified ID token or from userinfo. Its texts are fit to be stored and shown.</summary>
/// <param name="Subject">Google's id of the person: the only key to an account.</param>
/// <param name="EmailVerified">Whether Google has checked that the address is this person's.</param>
public sealed record GooglePerson(string Subject, string? Email, bool EmailVerified, string? Name, string? PictureUrl)
{
    /// <summary>True when an ID token said so, false when it was userinfo.</summary>
    public bool IsFromIdToken { get; init; }

    /// <summary>Of the ID token; ties it to the consent page that we sent the person to.</summary>
    public string? Nonce { get; init; }

    private const int LongestSubject = 255;
    private const int LongestText = 1000;

    /// <summary>Null when there is no subject that may become a key.</summary>
    public static GooglePerson? From(string? subject, string? email, bool emailVerified, string? name, string? pictureUrl) =>
        subject is { Length: > 0 and <= LongestSubject } && !subject.Any(char.IsControl)
            ? new GooglePerson(subject, Clean(email), emailVerified, Clean(name), Clean(pictureUrl))
            : null;

    // No control characters, no halves of characters, no novels; nothing left is nothing said.
    private static string? Clean(string? text)
    {
        var clean = string.Concat((text ?? "").EnumerateRunes().Where(rune => !Rune.IsControl(rune)).Take(LongestText)).Trim();
        return clean.Length == 0 ? null : clean;
    }
}
