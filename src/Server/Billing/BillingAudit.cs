using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Persistence.Audit;
using Ledgerline.Plans;
using Ledgerline.Wallet;

namespace Ledgerline.Billing;

/// <summary>Holds what was paid against what it gave: each payment has its effect, once, and nobody has what nobody paid.</summary>
public static class BillingAudit
{
    private const string Live = "status IN ('active', 'trialing', 'past_due')";

    private static readonly Law[] Payments =
    [
        new(
            """
            SELECT account_id, currency AS unit, CAST(id AS text) AS id, refunded_minor AS cached, amount_minor AS added,
                COALESCE(payment_intent_id, invoice_id, '') AS note
            FROM payments WHERE refunded_minor > amount_minor OR refunded_minor < 0
            """,
            row => $"{row.Cached} {row.Unit} of payment {row.Note} of account {row.AccountId} have gone back where {row.Added} {row.Unit} were paid."),
        new(
            """
            SELECT account_id, status AS unit, CAST(id AS text) AS id, refunded_minor AS cached, disputed_minor AS added,
                COALESCE(payment_intent_id, invoice_id, '') AS note
            FROM payments WHERE status <> CASE WHEN disputed_minor > lost_minor THEN 'disputed' WHEN lost_minor > 0 THEN 'lost'
                WHEN refunded_minor <= 0 THEN 'succeeded' WHEN refunded_minor < amount_minor THEN 'partially_refunded' ELSE 'refunded' END
            """,
            row => $"Payment {row.Note} of account {row.AccountId} says {row.Unit} where {row.Cached} are refunded and {row.Added} disputed."),
        new(
            """
            SELECT p.account_id, p.currency AS unit, CAST(p.id AS text) AS id, p.amount_minor AS cached, 0 AS added, COALESCE(p.subscription_id, 'none') AS note
            FROM payments p LEFT JOIN subscriptions s ON s.account_id = p.account_id AND s.id = p.subscription_id
            WHERE p.payment_type = 'subscription' AND s.id IS NULL
            """,
            row => $"{row.Cached} {row.Unit} were paid by account {row.AccountId} for subscription {row.Note}, which it does not have."),
        new(
            """
            SELECT account_id, currency AS unit, id, refunded_minor AS cached, price_minor AS added, '' AS note FROM checkout_orders WHERE refunded_minor > price_minor
            """,
            row => $"{row.Cached} {row.Unit} of order {row.Id} of account {row.AccountId} have gone back where {row.Added} {row.Unit} were paid."),
        new(
            $"""
            SELECT o.account_id, 'credit' AS unit, o.id, o.credits * 1000000 AS cached, COALESCE(g.amount_micro, 0) AS added, '' AS note FROM checkout_orders o
            LEFT JOIN {LedgerAudit.Lots} AS g ON g.account_id = o.account_id AND g.unit = 'credit' AND g.grant_key = 'purchase:' || o.session_id
            WHERE o.status = 'granted' AND COALESCE(g.amount_micro, 0) <> o.credits * 1000000
            """,
            row => $"Order {row.Id} of account {row.AccountId} is paid and brought {row.Readded} where {row.Kept} were bought."),
        new(
            $"""
            SELECT g.account_id, g.unit, g.grant_key AS id, g.amount_micro AS cached, 0 AS added, '' AS note FROM {LedgerAudit.Lots} AS g
            LEFT JOIN checkout_orders o ON o.account_id = g.account_id AND g.grant_key = 'purchase:' || o.session_id AND o.status = 'granted'
            WHERE g.grant_key LIKE 'purchase:%' AND o.id IS NULL
            """,
            row => $"Account {row.AccountId} has {row.Kept} of {row.Id} and no paid order says so."),
    ];

    private static readonly Law[] Subscriptions =
    [
        new(
            $"""
            SELECT s.account_id, s.product AS unit, '' AS id, COUNT(*) AS cached, 1 AS added, '' AS note FROM subscriptions s
            WHERE s.product IS NOT NULL AND s.{Live}
                AND NOT EXISTS (SELECT 1 FROM {JobQueue.Unfinished} AS j WHERE j.lane = 'plans ' || s.account_id || ' ' || s.product)
            GROUP BY s.account_id, s.product HAVING COUNT(*) > 1
            """,
            row => $"Account {row.AccountId} has {row.Cached} live subscriptions of {row.Unit} where one may be, and no job ends the others."),
        new(
            $"""
            SELECT s.account_id, s.product AS unit, s.id, 0 AS cached, 0 AS added, s.status AS note FROM subscriptions s
            LEFT JOIN {PlansAudit.Held} AS e ON e.account_id = s.account_id AND e.product = s.product
            WHERE s.product IS NOT NULL AND e.account_id IS NULL
            """,
            row => $"Subscription {row.Id} of account {row.AccountId} is {row.Note} and gives nothing of {row.Unit}."),
        new(
            $"""
            SELECT e.account_id, e.product AS unit, e.source_id AS id, 0 AS cached, 0 AS added, e.plan_id AS note FROM {PlansAudit.Held} AS e
            LEFT JOIN subscriptions s ON s.account_id = e.account_id AND s.id = e.source_id
            WHERE e.source = 'stripe' AND s.id IS NULL
            """,
            row => $"Account {row.AccountId} is given plan {row.Note} of {row.Unit} by subscription {row.Id}, which it does not have."),
        new(
            $"""
            SELECT e.account_id, e.product AS unit, e.source_id AS id, e.period_end AS cached, s.period_end AS added,
                e.plan_id || ' (' || e.status || ')' AS note
            FROM {PlansAudit.Held} AS e JOIN subscriptions s ON s.account_id = e.account_id AND s.id = e.source_id
            WHERE e.source = 'stripe' AND CASE WHEN COALESCE(s.product, '') <> e.product THEN e.status <> 'expired' ELSE
                e.status <> CASE WHEN s.status = 'incomplete_expired' THEN 'expired' ELSE s.status END
                OR e.plan_id <> COALESCE(s.plan_id, '') OR e.plan_version <> COALESCE(s.plan_version, 0) OR e.period_end <> s.period_end
                OR e.cancel_at_period_end <> s.cancel_at_period_end OR COALESCE(e.ends_at, -1) <> COALESCE(s.access_ends_at, -1) END
            """,
            row => $"Account {row.AccountId} is given {row.Note} of {row.Unit}, and subscription {row.Id}, from which it comes, says something else."),
        new(
            // Access that no subscription of this account gives, where one of them would give some.
            $"""
            SELECT s.account_id, s.product AS unit, s.id, 0 AS cached, 0 AS added, e.source_id AS note FROM subscriptions s
            JOIN {PlansAudit.Held} AS e ON e.account_id = s.account_id AND e.product = s.product
            WHERE s.{Live} AND e.source = 'stripe' AND e.source_id <> s.id
                AND NOT EXISTS (SELECT 1 FROM subscriptions o WHERE o.account_id = s.account_id AND o.id = e.source_id AND o.{Live})
            """,
            row => $"Subscription {row.Id} of account {row.AccountId} is live, and {row.Unit} comes from {row.Note}, which is not."),
    ];

    private static readonly Law[] Unbilled =
    [
        new(
            "SELECT account_id, service AS unit, id, amount AS cached, 0 AS added, problem AS note FROM metered_usage WHERE problem IS NOT NULL AND reported_at IS NULL",
            row => $"{row.Cached} of {row.Unit}, usage {row.Id} of account {row.AccountId}, will not be billed: {row.Note.TrimEnd('.')}."),
    ];

    /// <summary>Adds to the report what the caller's session sees.</summary>
    /// <param name="billedUses">What the subscription that pays by use has to be charged for: <c>account_id</c>, <c>id</c>, <c>service</c>, <c>amount</c>, <c>total_cents</c>.</param>
    public static async Task Inspect(Session session, AuditReport report, string billedUses, DateTimeOffset now, CancellationToken stop = default)
    {
        report.Count(await session.One<long>("SELECT COUNT(*) FROM payments", stop: stop), "payments");
        report.Count(await session.One<long>("SELECT COUNT(*) FROM subscriptions", stop: stop), "subscriptions");
        await report.Check(session, [.. Payments, .. Subscriptions, .. Metered(billedUses)], now, stop);
        await report.Warn(session, Unbilled, now, stop);
    }

    private static Law[] Metered(string uses) =>
    [
        new(
            $"""
            SELECT u.account_id, u.service AS unit, u.id, u.amount AS cached, 0 AS added, '' AS note FROM {uses} AS u
            LEFT JOIN metered_usage m ON m.account_id = u.account_id AND m.id = u.id WHERE m.id IS NULL
            """,
            row => $"{row.Cached} of {row.Unit}, usage {row.Id} of account {row.AccountId}, are to be billed and no meter was told or will be."),
        new(
            $"""
            SELECT m.account_id, m.service AS unit, m.id, m.amount AS cached, 0 AS added, '' AS note FROM metered_usage m
            LEFT JOIN {uses} AS u ON u.account_id = m.account_id AND u.id = m.id WHERE u.id IS NULL
            """,
            row => $"{row.Cached} of {row.Unit}, usage {row.Id} of account {row.AccountId}, are billed and were not used."),
        new(
            $"""
            SELECT m.account_id, m.service AS unit, m.id, m.amount AS cached, u.amount AS added, u.service AS note FROM metered_usage m
            JOIN {uses} AS u ON u.account_id = m.account_id AND u.id = m.id
            WHERE m.amount <> u.amount OR m.service <> u.service OR m.own_cents <> u.total_cents
            """,
            row => $"{row.Cached} of {row.Unit} are billed as usage {row.Id} of account {row.AccountId} where {row.Added} of {row.Note} were used, or at another price."),
        new(
            $"""
            SELECT m.account_id, m.service AS unit, m.id, m.amount AS cached, 0 AS added, '' AS note FROM metered_usage m
            WHERE m.reported_at IS NULL AND m.problem IS NULL
                AND NOT EXISTS (SELECT 1 FROM {JobQueue.Unfinished} AS j WHERE j.lane = 'meter ' || m.account_id || ' ' || m.service)
            """,
            row => $"{row.Cached} of {row.Unit}, usage {row.Id} of account {row.AccountId}, wait for their meter and no job will tell it."),
    ];
}
