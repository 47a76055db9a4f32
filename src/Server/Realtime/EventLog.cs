using System.Numerics;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Realtime;

/// <summary>The rows behind the streams: a day of them, at most a thousand an account.</summary>
internal sealed class EventLog
{
    public const int MostKept = 1000;
    public const int Page = 100;

    private const int AccountsAtOnce = 500;
    private static readonly TimeSpan Retention = TimeSpan.FromHours(24);

    private readonly Database database;
    private readonly TimeProvider clock;
    private readonly GroupRead<Asked, EventRow[]> pages;

    public EventLog(Database database, TimeProvider clock)
    {
        (this.database, this.clock) = (database, clock);
        pages = new GroupRead<Asked, EventRow[]>(database, ReadPages);
    }

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

    /// <summary>The next page after this number, in order. Streams that ask at the same time share a look at the rows.</summary>
    /// <param name="topic">Only what is about this, and what ends sign-in sessions; null: everything.</param>
    public async ValueTask<EventRow[]> After(AccountId account, string? topic, long position, CancellationToken stop) =>
        await pages.Read(new Asked(account, topic, position), stop) ?? [];

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

    private static async Task<IReadOnlyDictionary<Asked, EventRow[]>> ReadPages(Session session, IReadOnlyList<Asked> asked, CancellationToken stop)
    {
        // The end of the page is looked for in the rows themselves: each stream gets a page of its own.
        var rows = await session.ListFor<EventRow, Asked>(
            $$"""
            SELECT e.account_id, e.id, e.type, e.data, e.topic, r.position AS position FROM {rows} CROSS JOIN stream_events e
            WHERE e.account_id = r.account AND e.id > r.position AND (r.topic IS NULL OR e.topic = r.topic OR e.type = '{{SessionsEnded.Type}}')
                AND e.id <= COALESCE((
                    SELECT l.id FROM stream_events l WHERE l.account_id = r.account AND l.id > r.position
                        AND (r.topic IS NULL OR l.topic = r.topic OR l.type = '{{SessionsEnded.Type}}') ORDER BY l.id LIMIT 1 OFFSET {{Page - 1}}), 9223372036854775807)
            """,
            asked,
            stop);
        var found = rows.ToLookup(row => (row.AccountId, row.Position));
        return asked.ToDictionary(
            one => one,
            one => found[(one.Account, one.Position)].Where(one.Shows).DistinctBy(row => row.Id).OrderBy(row => row.Id).ToArray());
    }

    private readonly record struct Asked(AccountId Account, string? Topic, long Position)
    {
        public bool Shows(EventRow row) => Topic is null || row.Topic == Topic || row.Type == SessionsEnded.Type;
    }

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
    private byte[]? sent;

    public AccountId AccountId { get; init; }
    public long Id { get; init; }
    public required string Type { get; init; }
    public required string Data { get; init; }
    public string? Topic { get; init; }

    /// <summary>As it goes over the wire, made once for all who read it.</summary>
    public byte[] Sent => sent ??= EventWriter.Bytes(Id, Data);

    /// <summary>What the reader had before it.</summary>
    public long Position { get; init; }
}
