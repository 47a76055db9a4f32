using Ledgerline.Identity;
using Ledgerline.Kernel;

namespace Ledgerline.Gateway.Keys;

/// <summary>A key in the list: never the key itself.</summary>
/// <param name="Hint">Its beginning and end.</param>
/// <param name="SpentCredits">Settled so far; what running requests have reserved comes on top.</param>
/// <param name="LastUsedAt">To the minute; null when it was never used.</param>
internal sealed record ShownKey(
    string Id,
    string Hint,
    string Name,
    IReadOnlyList<string> Scopes,
    decimal? SpendLimitCredits,
    decimal SpentCredits,
    string CreatedAt,
    string? ExpiresAt,
    string? LastUsedAt)
{
    public static ShownKey Of(ApiKey key, Credits spent) => new(
        key.Id, key.Hint, key.Name, key.Scopes, Amount(key.SpendLimit), Amount(spent)!.Value, key.CreatedAt.Iso(), key.ExpiresAt?.Iso(), key.LastUsedAt?.Iso());

    public static decimal? Amount(Credits? credits) => credits is { } amount ? amount.Micro / (decimal)Credits.MicroPerCredit : null;
}
