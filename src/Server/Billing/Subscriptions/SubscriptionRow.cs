using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Billing.Subscriptions;

/// <summary>A subscription as Stripe described it last. Two that are equal say the same.</summary>
internal sealed record SubscriptionRow
{
    private const string Columns =
        """
        account_id, id, customer_id, product, plan_id, plan_version, price_id, status, period_start, period_end, cancel_at_period_end,
        cancel_at, canceled_at, ended_at, trial_start, trial_end, past_due_since, access_ends_at, dunning_step, review_at, believed_at, created_at
        """;

    public AccountId AccountId { get; init; }
    public required string Id { get; init; }
    public required string CustomerId { get; init; }
    public string? Product { get; init; }
    public string? PlanId { get; init; }
    public int? PlanVersion { get; init; }
    public string? PriceId { get; init; }

    /// <summary>Stripe's word.</summary>
    public required string Status { get; init; }

    public DateTimeOffset PeriodStart { get; init; }
    public DateTimeOffset PeriodEnd { get; init; }
    public bool CancelAtPeriodEnd { get; init; }
    public DateTimeOffset? CancelAt { get; init; }
    public DateTimeOffset? CanceledAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public DateTimeOffset? TrialStart { get; init; }
    public DateTimeOffset? TrialEnd { get; init; }
    public DateTimeOffset? PastDueSince { get; init; }
    public DateTimeOffset? AccessEndsAt { get; init; }
    public required string DunningStep { get; init; }
    public DateTimeOffset? ReviewAt { get; init; }
    public DateTimeOffset? BelievedAt { get; init; }
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Nothing brings it back.</summary>
    public bool IsOver => Status is "canceled" or "incomplete_expired";

    /// <summary>Its plan may be used, or could be if a payment that is missing came.</summary>
    public bool IsLive => Status is "active" or "trialing" or "past_due";

    /// <summary>Cancelled, and paid for longer.</summary>
    public bool RunsOut(DateTimeOffset now) => Status == "canceled" && (AccessEndsAt ?? PeriodEnd) > now;

    public static Task<SubscriptionRow?> Find(Session session, string id, CancellationToken stop) =>
        session.Maybe<SubscriptionRow>($"SELECT {Columns} FROM subscriptions WHERE id = @id", new { id }, stop);

    /// <summary>All of an account, the newest first.</summary>
    public static Task<IReadOnlyList<SubscriptionRow>> Of(Session session, AccountId account, CancellationToken stop) => session.List<SubscriptionRow>(
        $"SELECT {Columns} FROM subscriptions WHERE account_id = @account ORDER BY created_at DESC, id DESC", new { account }, stop);

    /// <summary>All of everybody, in pages of a thousand by id.</summary>
    public static Task<IReadOnlyList<SubscriptionRow>> Page(Session session, string after, CancellationToken stop) => session.List<SubscriptionRow>(
        $"SELECT {Columns} FROM subscriptions WHERE id > @after ORDER BY id LIMIT 1000", new { after }, stop);

    public Task Save(Transaction transaction, DateTimeOffset now, CancellationToken stop) => transaction.Execute(
        """
        INSERT INTO subscriptions (account_id, id, customer_id, product, plan_id, plan_version, price_id, status, period_start, period_end,
            cancel_at_period_end, cancel_at, canceled_at, ended_at, trial_start, trial_end, past_due_since, access_ends_at, dunning_step,
            review_at, believed_at, created_at, updated_at)
        VALUES (@AccountId, @Id, @CustomerId, @Product, @PlanId, @PlanVersion, @PriceId, @Status, @PeriodStart, @PeriodEnd,
            @CancelAtPeriodEnd, @CancelAt, @CanceledAt, @EndedAt, @TrialStart, @TrialEnd, @PastDueSince, @AccessEndsAt, @DunningStep,
            @ReviewAt, @BelievedAt, @CreatedAt, @now)
        ON CONFLICT (account_id, id) DO UPDATE SET customer_id = excluded.customer_id, product = excluded.product, plan_id = excluded.plan_id,
            plan_version = excluded.plan_version, price_id = excluded.price_id, status = excluded.status, period_start = excluded.period_start,
            period_end = excluded.period_end, cancel_at_period_end = excluded.cancel_at_period_end, cancel_at = excluded.cancel_at,
            canceled_at = excluded.canceled_at, ended_at = excluded.ended_at, trial_start = excluded.trial_start, trial_end = excluded.trial_end,
            past_due_since = excluded.past_due_since, access_ends_at = excluded.access_ends_at, dunning_step = excluded.dunning_step,
            review_at = excluded.review_at, believed_at = excluded.believed_at, updated_at = excluded.updated_at
        """,
        new
        {
            AccountId,
            Id,
            CustomerId,
            Product,
            PlanId,
            PlanVersion,
            PriceId,
            Status,
            PeriodStart,
            PeriodEnd,
            CancelAtPeriodEnd,
            CancelAt,
            CanceledAt,
            EndedAt,
            TrialStart,
            TrialEnd,
            PastDueSince,
            AccessEndsAt,
            DunningStep,
            ReviewAt,
            BelievedAt,
            CreatedAt,
            now,
        },
        stop);
}
