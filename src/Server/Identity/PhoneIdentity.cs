namespace Ledgerline.Identity;

/// <summary>The phone number that an account signs in with.</summary>
public sealed class PhoneIdentity
{
    /// <summary>E.164.</summary>
    public required string Number { get; init; }

    /// <summary>When a code first showed that the number is this person's.</summary>
    public DateTimeOffset? VerifiedAt { get; init; }

    public bool IsActive { get; init; }
}
