using System.Numerics;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Realtime;

/// <summary>The rows behind the streams: a day of them, at most a thousand an account.</summary>
internal sealed class EventLog(Database database, TimeProvider clock)
{
    public const int MostKept = 1000;
    public const int Page = 100;

    private const int AccountsAtOnce = 500;
    private static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    /// <summary>The numbers of the oldest event still kept and of the last one ever. Without any kept, the oldest is the next to come.</summary>
    public async Task<(long First, long Last)> Span(AccountId account, CancellationToken stop)
    {
        var row = await database.Read(
            session => session.Maybe<SpanRow>(
                """
                SELECT s.last_id, (SELECT min(e.id) FROM stream_events e WHERE e.account_id = s.account_id) AS first_id
                FROM event_streams s WHERE s.account_id = @account
                """,
                new { account },
                stop),
            stop);
        return row is null ? (1, 0) : (row.FirstId ?? row.LastId + 1, row.LastId);
    }

    /// <summary>The next page after this number, in order.</summary>
    /// <param name="topic">Only what is about this, and what ends sign-in sessions; null: everything.</param>
    public Task<IReadOnlyList<EventRow>> After(AccountId account, string? topic, long position, CancellationToken stop) => database.Read(
        session => session.List<EventRow>(
            $"""
            SELECT id, type, data FROM stream_events WHERE account_id = @account AND id > @position
            {(topic is null ? "" : "AND (topic = @topic OR type = @always)")} ORDER BY id LIMIT {Page}
            """,
            new { account, position, topic, always = SessionsEnded.Type },
            stop),
        stop);

    /// <summary>The data of every kept event of one type.</summary>
    public Task<IReadOnlyList<string>> Kept(AccountId account, string type, CancellationToken stop) => database.Read(
        session => session.List<string>("SELECT data FROM stream_events WHERE account_id = @account AND type = @type", new { account, type }, stop), stop);

    /// <summary>The last numbers of many accounts, for streams that wait for other nodes' events.</summary>
    public async Task<IReadOnlyList<(AccountId Account, long Last)>> Lasts(IReadOnlyList<AccountId> accounts, CancellationToken stop)
    {
        List<(AccountId, long)> lasts = [];
        foreach (var some in accounts.Chunk(AccountsAtOnce))
        {
            // The list's length is a power of two, so that few different statements are prepared.
            var length = (int)BitOperations.RoundUpToPowerOf2((uint)some.Length);
            var ids = Enumerable.Range(0, length).ToDictionary(i => $"id{i}", i => (object)some[Math.Min(i, some.Length - 1)]);
            var names = string.Join(", ", ids.Keys.Select(name => $"@{name}"));
            var rows = await database.Read(
                session => session.List<LastRow>($"SELECT account_id, last_id FROM event_streams WHERE account_id IN ({names})", ids, stop), stop);
            lasts.AddRange(rows.Select(row => (row.AccountId, row.LastId)));
        }

        return lasts;
    }

    public Task Forget(CancellationToken stop) => database.Write(
        transaction => transaction.Execute("DELETE FROM stream_events WHERE created_at < @old", new { old = clock.GetUtcNow() - Retention }, stop), stop);

    private sealed class SpanRow
    {
        public long LastId { get; init; }
        public long? FirstId { get; init; }
    }

    private sealed class LastRow
    {
        public AccountId AccountId { get; init; }
        public long LastId { get; init; }
    }
}

/// <summary>One event as it is stored: <c>data</c> is the JSON that is sent.</summary>
internal sealed class EventRow
{
    public long Id { get; init; }
    public required string Type { get; init; }
    public required string Data { get; init; }
}
