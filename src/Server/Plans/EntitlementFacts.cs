using Ledgerline.Kernel;

namespace Ledgerline.Plans;

/// <summary>What a store says of an account's plan of one product, as it has it now.</summary>
/// <param name="Product">One of <see cref="PlanProduct"/>.</param>
/// <param name="PlanVersion">The version that was promised when it was subscribed to.</param>
/// <param name="Source">One of <see cref="PlanStore"/>.</param>
/// <param name="SourceId">The subscription's id there.</param>
/// <param name="Status">One of <see cref="EntitlementStatus"/>.</param>
/// <param name="PeriodEnd">Half-open: the first instant that is no longer paid.</param>
/// <param name="PastDueSince">When the payment that is missing failed first; grace runs from there. Null: from when it is put.</param>
/// <param name="EndsAt">
/// When access ends in any case: of a cancelled one instead of at the period's end (a refund), of one past due when the store's own
/// grace is longer than ours. Null: by the rules.
/// </param>
public sealed record EntitlementFacts(
    AccountId Account, string Product, string PlanId, int PlanVersion, string Source, string SourceId, string Status, DateTimeOffset PeriodStart,
    DateTimeOffset PeriodEnd, bool CancelAtPeriodEnd, DateTimeOffset? PastDueSince, DateTimeOffset? EndsAt)
{
    /// <summary>When this gives access until: null for as long as the store says so, the smallest instant for not at all.</summary>
    public DateTimeOffset? AccessUntil(TimeSpan grace) => Status switch
    {
        EntitlementStatus.Active or EntitlementStatus.Trialing => EndsAt ?? (CancelAtPeriodEnd || Source == PlanStore.AppStore ? PeriodEnd : null),
        EntitlementStatus.PastDue => Later((PastDueSince ?? PeriodStart) + grace, EndsAt),
        EntitlementStatus.Canceled => EndsAt ?? PeriodEnd,
        _ => DateTimeOffset.MinValue,
    };

    /// <summary>Half-open: at the very end there is no access any more.</summary>
    public bool GivesAccess(DateTimeOffset now, TimeSpan grace) => AccessUntil(grace) is not { } until || now < until;

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other is { } two && two > one ? two : one;
}

/// <summary>What a store says of a subscription, in Stripe's words.</summary>
public static class EntitlementStatus
{
    public const string Active = "active";
    public const string Trialing = "trialing";
    public const string PastDue = "past_due";

    /// <summary>Will not be renewed, and is paid until its period ends.</summary>
    public const string Canceled = "canceled";

    public const string Expired = "expired";
    public const string Unpaid = "unpaid";
    public const string Paused = "paused";
    public const string Incomplete = "incomplete";

    public static readonly IReadOnlyList<string> All = [Active, Trialing, PastDue, Canceled, Expired, Unpaid, Paused, Incomplete];
}
