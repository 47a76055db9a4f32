using System.Globalization;
using Ledgerline.Http;
using Ledgerline.Identity;
using Ledgerline.Kernel;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Ledgerline.Gateway.Keys;

/// <summary><c>POST /api/keys</c>: a new API key, shown once.</summary>
internal static class CreateKey
{
    private const int LongestName = 100;
    private const decimal LargestLimit = 1_000_000_000;

    private static readonly string[] Instants =
        ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    public static async Task<Results<Ok<Answer>, Refusal>> Handle(
        CurrentAccount caller, Body<Request> body, ApiKeys keys, TimeProvider clock, CancellationToken stop)
    {
        var request = body.Value;
        var order = new ApiKeyOrder(NameOf(request), ScopesOf(request), LimitOf(request), ExpiryOf(request, clock.GetUtcNow()));
        return await keys.Create(caller.Id, order, stop) is var (key, secret)
            ? TypedResults.Ok(new Answer(
                key.Id, secret, key.Name, key.Scopes, ShownKey.Amount(key.SpendLimit), key.CreatedAt.Iso(), key.ExpiresAt?.Iso()))
            : new Refusal(StatusCodes.Status409Conflict, $"There are {ApiKeys.Most} API keys already; revoke one first");
    }

    private static string NameOf(Request request) => (request.Name ?? throw Invalid.Missing("body", "name")).Trim() switch
    {
        { Length: 0 or > LongestName } => throw new Invalid("body", "name", $"The name must have 1 to {LongestName} characters"),
        var name when !ShownText.IsFit(name) => throw new Invalid("body", "name", "The name must not contain control characters"),
        var name => name,
    };

    private static List<string> ScopesOf(Request request)
    {
        var asked = request.Scopes ?? throw Invalid.Missing("body", "scopes");
        var known = KeyScope.All.Select(scope => scope.Name).ToList();
        return asked.Count > 0 && asked.All(scope => scope is not null && known.Contains(scope))
            ? [.. known.Where(asked.Contains)]
            : throw new Invalid("body", "scopes", $"Give at least one of {string.Join(", ", known)}");
    }

    private static Credits? LimitOf(Request request) => request.SpendLimitCredits switch
    {
        null => null,
        <= 0 or > LargestLimit => throw new Invalid("body", "spend_limit_credits", "The limit must be above 0 and at most 1000000000"),
        var limit when limit * Credits.MicroPerCredit % 1 != 0 => throw new Invalid("body", "spend_limit_credits", "The limit has at most six decimals"),
        { } limit => new Credits((long)(limit * Credits.MicroPerCredit)),
    };

    private static DateTimeOffset? ExpiryOf(Request request, DateTimeOffset now) => request.ExpiresAt switch
    {
        null => null,
        var text when DateTimeOffset.TryParseExact(text, Instants, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) =>
            at > now ? at.ToUniversalTime() : throw new Invalid("body", "expires_at", "The key must expire in the future"),
        _ => throw new Invalid("body", "expires_at", "Give an instant in ISO 8601, such as 2027-01-31T12:00:00Z"),
    };

    /// <param name="Name">Trimmed; 1 to 100 characters.</param>
    /// <param name="Scopes">What the key may be used for.</param>
    /// <param name="SpendLimitCredits">What may be spent with it in all, for ever; null: whatever the account has.</param>
    /// <param name="ExpiresAt">In the future; null: never.</param>
    internal sealed record Request(string? Name, IReadOnlyList<string?>? Scopes, decimal? SpendLimitCredits, string? ExpiresAt);

    /// <param name="Key">The key itself; it is stored nowhere and never shown again.</param>
    internal sealed record Answer(
        string Id, string Key, string Name, IReadOnlyList<string> Scopes, decimal? SpendLimitCredits, string CreatedAt, string? ExpiresAt);
}
