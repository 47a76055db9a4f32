using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>A person or company that signs in. The id and the number never change and are never used again.</summary>
public sealed class Account
{
    public AccountId Id { get; init; }

    /// <summary>A positive integer below 2^53, for clients that expect an int as id.</summary>
    public long Number { get; init; }

    /// <summary>Null for an account that signs in by phone.</summary>
    public string? Email { get; init; }

    /// <summary>As the sign-in provider has it; refreshed at each sign-in.</summary>
    public string? Name { get; init; }

    /// <summary>As the person gave it here.</summary>
    public string? FullName { get; init; }

    public string? PictureUrl { get; init; }

    /// <summary>What registered it, one of <see cref="Identity.Platform"/>; null for accounts that are older than the question.</summary>
    public string? Platform { get; init; }

    public bool IsActive { get; init; }
    public bool IsAdmin { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset UpdatedAt { get; init; }
}
