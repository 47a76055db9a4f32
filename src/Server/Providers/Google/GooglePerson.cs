using System.Text;
using Ledgerline.Kernel;

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
    private const int LongestName = 200;
    private const int LongestEmail = 254;
    private const int LongestUrl = 2048;

    /// <summary>Null when there is no subject that may become a key. What is too long for a text is no reason to let nobody in.</summary>
    public static GooglePerson? From(string? subject, string? email, bool emailVerified, string? name, string? pictureUrl)
    {
        if (subject is not { Length: > 0 and <= LongestSubject } || subject.Any(char.IsControl))
        {
            return null;
        }

        var address = Clean(email, LongestEmail);
        // Google has verified what it sent, and not what is left of it here.
        return new GooglePerson(subject, address, emailVerified && address == email, Clean(name, LongestName), Picture(pictureUrl));
    }

    // Half an address shows nothing.
    private static string? Picture(string? text) =>
        text is { Length: <= LongestUrl } && !text.Any(char.IsControl) && Uri.TryCreate(text.Trim(), UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            ? text.Trim()
            : null;

    // No control characters, no halves of characters, no novels; nothing left is nothing said.
    private static string? Clean(string? text, int longest)
    {
        var clean = new StringBuilder();
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            if (clean.Length + rune.Utf16SequenceLength > longest)
            {
                break;
            }

            clean.Append(ShownText.IsUnfit(rune) ? "" : rune.ToString());
        }

        return clean.ToString().Trim() is { Length: > 0 } left ? left : null;
    }
}
