using Ledgerline.Jobs;
using Ledgerline.Persistence;
using Ledgerline.Persistence.Audit;

namespace Ledgerline.Chat;

/// <summary>Counts what waits for an answer again, and finds what nobody will answer.</summary>
internal static class ChatAudit
{
    private const string Unanswered =
        """
        (SELECT m.account_id, m.room_id, m.id FROM chat_messages m WHERE m.sender = 'user' AND NOT EXISTS (
            SELECT 1 FROM chat_messages a WHERE a.account_id = m.account_id AND a.room_id = m.room_id AND a.answers = m.id))
        """;

    private static readonly Law[] Laws =
    [
        new(
            $"""
            SELECT c.account_id, 'message' AS unit, '' AS id, c.waiting AS cached, COALESCE(u.added, 0) AS added, '' AS note FROM chat_accounts c
            LEFT JOIN (SELECT account_id, COUNT(*) AS added FROM {Unanswered} AS m GROUP BY account_id) AS u ON u.account_id = c.account_id
            WHERE c.waiting <> COALESCE(u.added, 0)
            """,
            row => $"{row.Cached} messages of account {row.AccountId} stand as waiting where {row.Added} have no answer."),
        new(
            $"""
            SELECT m.account_id, 'message' AS unit, CAST(m.id AS text) AS id, 0 AS cached, 0 AS added, CAST(m.room_id AS text) AS note FROM {Unanswered} AS m
            WHERE NOT EXISTS (SELECT 1 FROM {JobQueue.Unfinished} AS j WHERE j.lane = 'chat ' || m.account_id || ' ' || m.room_id)
            """,
            row => $"Message {row.Id} in room {row.Note} of account {row.AccountId} has no answer, and no job writes one."),
    ];

    /// <summary>Adds to the report what the caller's session sees.</summary>
    public static async Task Inspect(Session session, AuditReport report, DateTimeOffset now, CancellationToken stop = default)
    {
        report.Count(await session.One<long>("SELECT COUNT(*) FROM chat_messages", stop: stop), "chat messages");
        await report.Check(session, Laws, now, stop);
    }
}
