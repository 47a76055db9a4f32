using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Ledgerline.Http;

/// <summary>
/// The door of the rate limits. Most routes need only their <see cref="RateLimit"/>: the middleware does the rest. A handler calls
/// it where only the handler knows who is meant:
/// <code>
/// if (await limiter.Take(context, request.Email, stop) is { } refusal) { return refusal; }
/// </code>
/// </summary>
public sealed class RateLimiter(RateLimitOptions options, Permits permits)
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly object Asked = new();

    /// <summary>
    /// Counts one attempt for the identity that the request names (e-mail, phone number, token family), before it is looked up or
    /// checked. Null when it may go on; otherwise the 429 to answer. The route's <see cref="RateLimit"/> says how many.
    /// </summary>
    public async ValueTask<Refusal?> Take(HttpContext context, string? identity, CancellationToken stop)
    {
        context.Items[Asked] = true;
        var limit = LimitOf(context);
        if (options.For(limit) is not > 0)
        {
            return null;
        }

        var who = (identity ?? "").Trim().ToLowerInvariant();
        who = limit.Key == LimitKey.Identity ? who : $"{Client(context)} {who}";
        return await Count(limit.Group, who, options.For(limit), Minute, stop)
            ?? await Count($"{limit.Group}-hour", who, options.ForHour(limit), Hour, stop);
    }

    /// <summary>Counts a webhook whose signature is wrong against its sender. Null: answer the refusal of the provider's contract.</summary>
    public ValueTask<Refusal?> BadSignature(HttpContext context, CancellationToken stop) =>
        Count(RateLimit.Webhook.Group, Client(context), options.For(RateLimit.Webhook), Minute, stop);

    /// <summary>What can be counted before the handler runs: the account, else the client.</summary>
    internal async ValueTask<Refusal?> TakeForCaller(HttpContext context, CancellationToken stop)
    {
        var limit = LimitOf(context);
        if (limit == RateLimit.None || limit == RateLimit.Webhook || options.For(limit) is not > 0)
        {
            return null;
        }

        if (limit.Key is LimitKey.ClientAndIdentity or LimitKey.Identity)
        {
            return await Count($"{limit.Group}-client", Client(context), options.ForClient(limit), Minute, stop)
                ?? await Count($"{limit.Group}-client-hour", Client(context), options.ForClientHour(limit), Hour, stop);
        }

        return limit.Key == LimitKey.Account && CurrentAccount.Of(context.User) is { } account
            ? await Count(limit.Group, account.Id.ToString(), options.For(limit), Minute, stop)
            : await Count($"{limit.Group}-anonymous", Client(context), options.ForAnonymous(limit), Minute, stop);
    }

    /// <summary>Where the signed-in caller stands with the route's limit after this request was counted; null when nothing is counted.</summary>
    public LimitStanding? Standing(HttpContext context) =>
        LimitOf(context) is { Key: LimitKey.Account } limit && options.For(limit) is > 0 and var most && CurrentAccount.Of(context.User) is { } account
            && permits.Left(KeyOf(limit.Group, account.Id.ToString())) is { } left
            ? new LimitStanding(most, left.Left, left.EndsIn)
            : null;

    /// <summary>True when the route counts by identity and its handler never said whom.</summary>
    internal static bool Forgotten(HttpContext context) =>
        LimitOf(context).Key is LimitKey.ClientAndIdentity or LimitKey.Identity && !context.Items.ContainsKey(Asked);

    /// <summary>The address, behind trusted proxies; of IPv6 the /64, which is what one customer is given.</summary>
    internal static string Client(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } address)
        {
            return "unknown";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? new IPAddress([.. address.GetAddressBytes().AsSpan(0, 8), .. new byte[8]]) + "/64"
            : address.ToString();
    }

    private static RateLimit LimitOf(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<RateLimit>() ?? RateLimit.Everything;

    private async ValueTask<Refusal?> Count(string group, string who, int limit, TimeSpan window, CancellationToken stop)
    {
        if (limit <= 0)
        {
            return null;
        }

        return await permits.Take(KeyOf(group, who), limit, window, stop) is { } wait ? Refusal.TooManyRequests(wait) : null;
    }

    // Hashed: the counters hold no addresses, e-mails or phone numbers.
    private static string KeyOf(string group, string who) =>
        $"{group}:{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(who)).AsSpan(0, 16))}";
}

/// <summary>Requests a window: how many in all, how many are left, and when all are free again.</summary>
public readonly record struct LimitStanding(int Limit, int Remaining, TimeSpan Reset);
