using System.Globalization;
using System.Security.Claims;
using Ledgerline.Kernel;

namespace Ledgerline.Http;

/// <summary>The API key behind a request: which one it is, and what it may spend in all.</summary>
/// <param name="SpendLimit">Null: whatever the account has.</param>
public sealed record CallerKey(string Id, Credits? SpendLimit)
{
    public const string IdClaim = "key";
    public const string ScopeClaim = "scope";

    /// <summary>In micro-credits.</summary>
    public const string LimitClaim = "key_limit";

    internal static CallerKey? Of(ClaimsPrincipal user) => user.FindFirstValue(IdClaim) is { } id
        ? new CallerKey(id, long.TryParse(user.FindFirstValue(LimitClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var micro) ? new Credits(micro) : null)
        : null;
}
