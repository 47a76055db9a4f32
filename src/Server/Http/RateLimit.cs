namespace Ledgerline.Http;

/// <summary>Says on a route which limit counts its requests; every route says one.</summary>
/// <param name="Group">As in the setting <c>RATELIMIT_GROUP</c>.</param>
/// <param name="PerMinute">The default.</param>
public sealed record RateLimit(string Group, int PerMinute, LimitKey Key)
{
    public static readonly RateLimit None = new("none", 0, LimitKey.Client);
    public static readonly RateLimit SignIn = new("sign-in", 5, LimitKey.ClientAndIdentity);
    public static readonly RateLimit Refresh = new("refresh", 10, LimitKey.ClientAndIdentity);
    public static readonly RateLimit Google = new("google", 20, LimitKey.Client);
    public static readonly RateLimit Purchases = new("purchases", 10, LimitKey.Account);
    public static readonly RateLimit AiWork = new("ai-work", 60, LimitKey.Account);
    public static readonly RateLimit PublicReads = new("public-reads", 60, LimitKey.Account);
    public static readonly RateLimit Everything = new("everything", 300, LimitKey.Account);
}

/// <summary>Who shares a limit: the account when signed in, else the client's address, with what it submits where that is more exact.</summary>
public enum LimitKey
{
    Account,
    Client,
    ClientAndIdentity,
}
