using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>An API key as it is stored.</summary>
internal sealed class ApiKeyRow
{
    public const string Columns = "account_id, id, key_hash, prefix, last_four, name, scopes, spend_limit_micro, created_at, expires_at, last_used_at";

    public AccountId AccountId { get; init; }
    public required string Id { get; init; }
    public required string KeyHash { get; init; }
    public required string Prefix { get; init; }
    public required string LastFour { get; init; }
    public required string Name { get; init; }
    public required string Scopes { get; init; }
    public long? SpendLimitMicro { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? ExpiresAt { get; init; }
    public DateTimeOffset? LastUsedAt { get; init; }

    public ApiKey Shown() => new(Id, $"{Prefix}…{LastFour}", Name, Scopes.Split(' '), Limit, CreatedAt, ExpiresAt, LastUsedAt);

    public PresentedKey Presented() => new(AccountId, Id, Scopes.Split(' '), Limit, ExpiresAt);

    private Credits? Limit => SpendLimitMicro is { } micro ? new Credits(micro) : null;
}
