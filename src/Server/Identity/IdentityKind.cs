namespace Ledgerline.Identity;

/// <summary>The ways to sign in. An identity is a kind and a subject, unique together; identities never merge.</summary>
public static class IdentityKind
{
    /// <summary>The subject is the e-mail, trimmed and in lower case.</summary>
    public const string Password = "password";

    /// <summary>The subject is Google's id of the person (<c>sub</c>), never the e-mail.</summary>
    public const string Google = "google";

    /// <summary>The subject is the phone number, E.164.</summary>
    public const string Phone = "phone";
}
