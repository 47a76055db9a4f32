using Ledgerline.Persistence;
using Ledgerline.Persistence.Audit;

namespace Ledgerline.Plans;

/// <summary>Counts every allowance again: what stands as used is what was reserved and not given back.</summary>
public static class PlansAudit
{
    /// <summary>
    /// What the stores say of plans, as a relation for others to hold their own records against: <c>account_id</c>, <c>product</c>,
    /// <c>plan_id</c>, <c>plan_version</c>, <c>source</c>, <c>source_id</c>, <c>status</c>, <c>period_end</c>,
    /// <c>cancel_at_period_end</c>, <c>ends_at</c>.
    /// </summary>
    public const string Held =
        """
        (SELECT account_id, product, plan_id, plan_version, source, source_id, status, period_end, cancel_at_period_end, ends_at FROM entitlements)
        """;

    private const string Used = "state IN ('reserved', 'confirmed', 'completed')";

    // What ended longer ago is forgotten, and cannot be counted again.
    private const string Remembered = "@now - 34560000000";

    private static readonly Law[] Laws =
    [
        new(
            $"""
            SELECT account_id, quota AS unit, CAST(period_start AS text) AS id, CAST(SUM(used) AS bigint) AS cached, CAST(SUM(units) AS bigint) AS added, '' AS note
            FROM (
                SELECT account_id, quota, period_start, used, 0 AS units FROM quota_uses
                UNION ALL SELECT account_id, quota, period_start, 0, units FROM reservations WHERE quota IS NOT NULL AND {Used}) AS q
            WHERE period_start = 0 OR period_start > {Remembered}
            GROUP BY account_id, quota, period_start HAVING SUM(used) <> SUM(units)
            """,
            row => $"{row.Cached} of quota {row.Unit} stand as used by account {row.AccountId} in the period {row.Id} where its reservations add to {row.Added}."),
        new(
            $"""
            SELECT a.account_id, 'call' AS unit, '' AS id, a.trial_used AS cached, COALESCE(r.added, 0) AS added, '' AS note FROM allowances a
            LEFT JOIN (SELECT account_id, COUNT(*) AS added FROM reservations WHERE funding = 'trial' AND {Used} GROUP BY account_id) AS r
                ON r.account_id = a.account_id
            WHERE a.trial_started_at > {Remembered} AND a.trial_used <> COALESCE(r.added, 0)
                AND NOT (a.trial_used = a.trial_calls AND COALESCE(r.added, 0) > a.trial_calls)
            """,
            row => $"{row.Cached} trial calls stand as used by account {row.AccountId} where its reservations are {row.Added}."),
        new(
            $"""
            SELECT l.account_id, 'call' AS unit, l.id, l.used AS cached, COALESCE(r.added, 0) AS added, '' AS note FROM addon_calls l
            LEFT JOIN (
                SELECT account_id, addon_id, COUNT(*) AS added FROM reservations WHERE funding = 'addon' AND {Used} GROUP BY account_id, addon_id
            ) AS r ON r.account_id = l.account_id AND r.addon_id = l.id
            WHERE l.bought_at > {Remembered} AND l.used <> COALESCE(r.added, 0) AND NOT (l.used = l.calls AND COALESCE(r.added, 0) > l.calls)
            """,
            row => $"{row.Cached} calls of purchase {row.Id} stand as used by account {row.AccountId} where its reservations are {row.Added}."),
        Window("day", "calls_today", "day_start"),
        Window("week", "calls_week", "week_start"),
        Window("month", "calls_month", "month_start"),
    ];

    /// <summary>Adds to the report what the caller's session sees.</summary>
    /// <param name="calls">Phone calls whose books are closed, as a relation: <c>account_id</c>, <c>use_key</c>, <c>seconds</c> (null: nobody answered).</param>
    public static async Task Inspect(Session session, AuditReport report, string calls, DateTimeOffset now, CancellationToken stop = default)
    {
        report.Count(await session.One<long>("SELECT COUNT(*) FROM reservations", stop: stop), "reservations");
        await report.Check(session, [.. Laws, .. CallLaws(calls)], now, stop);
    }

    // A call that was given back and ended after all counts when it ended: so the number may lie between two.
    private static Law Window(string name, string counter, string start) => new(
        $"""
        SELECT a.account_id, 'call' AS unit, '{name}' AS id, a.{counter} AS cached, CASE WHEN a.{counter} < r.least THEN r.least ELSE r.most END AS added, '' AS note
        FROM allowances a JOIN (
            SELECT w.account_id, CAST(SUM(CASE WHEN r.created_at > w.{start} THEN 1 ELSE 0 END) AS bigint) AS least,
                CAST(SUM(CASE WHEN r.created_at >= w.{start} OR r.ended_at >= w.{start} THEN 1 ELSE 0 END) AS bigint) AS most
            FROM allowances w LEFT JOIN reservations r ON r.account_id = w.account_id AND r.is_counted AND r.{Used}
            GROUP BY w.account_id) AS r ON r.account_id = a.account_id
        WHERE a.{start} > {Remembered} AND (a.{counter} < r.least OR a.{counter} > r.most)
        """,
        row => $"{row.Cached} calls stand as made this {row.Id} by account {row.AccountId} where its reservations are {row.Added}.");

    private static IEnumerable<Law> CallLaws(string calls) =>
    [
        new(
            $"""
            SELECT c.account_id, COALESCE(r.funding, 'nothing') AS unit, c.use_key AS id, COALESCE(c.seconds, 0) AS cached, 0 AS added, COALESCE(r.state, 'missing') AS note
            FROM {calls} AS c LEFT JOIN reservations r ON r.account_id = c.account_id AND r.id = c.use_key
            WHERE c.seconds IS NOT NULL AND COALESCE(r.state, 'missing') <> 'completed'
            """,
            row => $"Use {row.Id} of account {row.AccountId} lasted {row.Cached} s and its allowance is {row.Note}."),
        new(
            $"""
            SELECT c.account_id, r.funding AS unit, c.use_key AS id, 0 AS cached, 0 AS added, r.state AS note
            FROM {calls} AS c JOIN reservations r ON r.account_id = c.account_id AND r.id = c.use_key
            WHERE c.seconds IS NULL AND r.state IN ('reserved', 'confirmed', 'completed')
            """,
            row => $"Use {row.Id} of account {row.AccountId} did not happen and its allowance is {row.Note}."),
        new(
            $"""
            SELECT c.account_id, r.funding AS unit, c.use_key AS id, c.seconds AS cached, r.seconds AS added, '' AS note
            FROM {calls} AS c JOIN reservations r ON r.account_id = c.account_id AND r.id = c.use_key
            WHERE r.state = 'completed' AND c.seconds <> r.seconds
            """,
            row => $"Use {row.Id} of account {row.AccountId} lasted {row.Cached} s and {row.Added} s are counted."),
    ];
}
