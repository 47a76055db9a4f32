using System.Globalization;
using System.Reflection;
using System.Security.Claims;
using Ledgerline.Kernel;

namespace Ledgerline.Http;

/// <summary>Who is calling: put by authentication, taken by handlers as a parameter. Only routes that require sign-in may take it.</summary>
/// <param name="SessionId">The sign-in session, so that it can be ended.</param>
public sealed record CurrentAccount(AccountId Id, string SessionId)
{
    public const string SessionClaim = "sid";

    /// <summary>Seconds since 1970, as in the token.</summary>
    public const string ExpiryClaim = "exp";

    /// <summary>When the token ends that was shown; what lasts longer than a request must end with it. Null where nothing expires.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The API key that was shown; null when a person is signed in.</summary>
    public CallerKey? Key { get; init; }

    public static ValueTask<CurrentAccount> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult(Of(context.User) ?? throw new InvalidOperationException(
            $"{context.Request.Path} takes the current account but does not require sign-in."));

    /// <summary>Null when nobody is signed in.</summary>
    public static CurrentAccount? Of(ClaimsPrincipal user) =>
        AccountId.TryParse(user.FindFirstValue("sub"), out var id) && user.FindFirstValue(SessionClaim) is { } session
            ? new CurrentAccount(id, session) { ExpiresAt = Expiry(user), Key = CallerKey.Of(user) }
            : null;

    private static DateTimeOffset? Expiry(ClaimsPrincipal user) =>
        long.TryParse(user.FindFirstValue(ExpiryClaim), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
