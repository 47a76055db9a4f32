using Ledgerline.Kernel;

namespace Ledgerline.Identity;

/// <summary>An API key as its owner sees it; the key itself is known to nobody but its holder.</summary>
/// <param name="Hint">Its beginning and end, to recognise it by.</param>
/// <param name="LastUsedAt">To the minute; null when it was never used.</param>
public sealed record ApiKey(
    string Id, string Hint, string Name, IReadOnlyList<string> Scopes, Credits? SpendLimit, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    DateTimeOffset? LastUsedAt);

/// <summary>What a new key shall be.</summary>
public sealed record ApiKeyOrder(string Name, IReadOnlyList<string> Scopes, Credits? SpendLimit, DateTimeOffset? ExpiresAt);

/// <summary>Whose key was shown, and what it may.</summary>
internal sealed record PresentedKey(AccountId Account, string Id, IReadOnlyList<string> Scopes, Credits? SpendLimit, DateTimeOffset? ExpiresAt);
