using Ledgerline.Kernel;
using Ledgerline.Plans;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Browser;

/// <summary>A browser's conversation as it is stored.</summary>
internal sealed record BrowserCallRow
{
    public const string Columns =
        "account_id, id, scenario, user_name, state, ticket, lease_until, review_at, offer, answer, call_id, duration_limit, created_at, started_at, seen_at, model_usage";

    /// <summary>So long one may last, and so long a reservation may wait for its offer.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>The browser asks its person for the microphone before it offers anything.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public AccountId AccountId { get; init; }
    public string Id { get; init; } = "";
    public string Scenario { get; init; } = "";
    public string? UserName { get; init; }

    /// <summary>One of <see cref="BrowserCallState"/>.</summary>
    public string State { get; init; } = BrowserCallState.Waiting;

    public string? Ticket { get; init; }
    public DateTimeOffset? LeaseUntil { get; init; }
    public DateTimeOffset ReviewAt { get; init; }
    public string? Offer { get; init; }
    public string? Answer { get; init; }
    public string? CallId { get; init; }
    public int DurationLimit { get; init; }
    public DateTimeOffset CreatedAt { get; init; }
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? SeenAt { get; init; }
    public string? ModelUsage { get; init; }

    public DateTimeOffset? EndsAt => StartedAt + TimeSpan.FromSeconds(DurationLimit);

    /// <summary>Somebody rings us: minutes count, the call does not.</summary>
    public AllowanceUse Use => UseOf(AccountId, Id);

    // Its row ends what is reserved; should both be lost, the reservation ends by itself.
    public static AllowanceUse UseOf(AccountId account, string id) =>
        new(account, Want.InboundCall((int)Longest.TotalSeconds), $"browser:{id}", Patience + TimeSpan.FromMinutes(2));
}

/// <summary>How far a browser's conversation is.</summary>
internal static class BrowserCallState
{
    public const string Waiting = "waiting";
    public const string Starting = "starting";
    public const string Live = "live";
}
