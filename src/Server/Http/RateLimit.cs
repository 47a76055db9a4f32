namespace Ledgerline.Http;

/// <summary>
/// Says on a route which limit counts its requests; a route that says none is counted under <see cref="Everything"/>.
/// The middleware asks for the account's or the client's permit before the handler runs. Where the key contains what the client
/// submits (<see cref="LimitKey.ClientAndIdentity"/>, <see cref="LimitKey.Identity"/>) only the handler knows it, once it has read
/// the body: it asks <see cref="RateLimiter.Take"/> before it does anything else, and answers the refusal it may get.
/// </summary>
/// <param name="Group">As in the setting <c>RATELIMIT_GROUP</c>, dashes written as underscores; 0 switches the group off.</param>
/// <param name="PerMinute">The default.</param>
public sealed record RateLimit(string Group, int PerMinute, LimitKey Key)
{
    /// <summary>Not counted: health checks, assets.</summary>
    public static readonly RateLimit None = new("none", 0, LimitKey.Client);

    /// <summary>Not counted while the signature is good; the handler calls <see cref="RateLimiter.BadSignature"/> when it is not.</summary>
    public static readonly RateLimit Webhook = new("webhook", 60, LimitKey.Client);

    public static readonly RateLimit SignIn = new("sign-in", 5, LimitKey.ClientAndIdentity) { PerMinuteClient = 30 };

    /// <summary>The identity is the token family's id.</summary>
    public static readonly RateLimit Refresh = new("refresh", 10, LimitKey.Identity) { PerMinuteClient = 60 };

    /// <summary>One-time codes on their way: the identity is the phone number.</summary>
    public static readonly RateLimit CodeSending = new("otp-send", 1, LimitKey.Identity) { PerHour = 5, PerHourClient = 20 };

    /// <summary>One-time codes that come back: the identity is the phone number.</summary>
    public static readonly RateLimit CodeCheck = new("otp-check", 10, LimitKey.Identity) { PerMinuteClient = 60 };

    public static readonly RateLimit Calls = new("calls", 6, LimitKey.Account);
    public static readonly RateLimit Scheduling = new("scheduling", 10, LimitKey.Account);
    public static readonly RateLimit Google = new("google", 20, LimitKey.Client);
    public static readonly RateLimit Purchases = new("purchases", 10, LimitKey.Account);
    public static readonly RateLimit AiWork = new("ai-work", 60, LimitKey.Account);
    public static readonly RateLimit ScenarioChanges = new("scenarios", 10, LimitKey.Account);
    public static readonly RateLimit ScenarioReads = new("scenario-reads", 60, LimitKey.Account);
    public static readonly RateLimit PublicReads = new("public-reads", 60, LimitKey.Account);
    public static readonly RateLimit Everything = new("everything", 300, LimitKey.Account) { PerMinuteAnonymous = 60 };

    /// <summary>For callers who are not signed in, where it differs; setting <c>RATELIMIT_GROUP_ANONYMOUS</c>.</summary>
    public int? PerMinuteAnonymous { get; init; }

    /// <summary>For all identities of one client together; setting <c>RATELIMIT_GROUP_CLIENT</c>.</summary>
    public int? PerMinuteClient { get; init; }

    /// <summary>Besides those a minute; setting <c>RATELIMIT_GROUP_HOUR</c>.</summary>
    public int? PerHour { get; init; }

    /// <summary>For all identities of one client together; setting <c>RATELIMIT_GROUP_CLIENT_HOUR</c>.</summary>
    public int? PerHourClient { get; init; }
}

/// <summary>Who shares a limit: the account when signed in, else the client's address, with what it submits where that is more exact.</summary>
public enum LimitKey
{
    Account,
    Client,
    ClientAndIdentity,
    Identity,
}
