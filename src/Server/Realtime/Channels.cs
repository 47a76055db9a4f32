using System.Text;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ledgerline.Realtime;

/// <summary>The door to the accounts' live events: what is published is a row first, so that no open or later stream misses it.</summary>
public sealed class Channels(StreamHub hub, StreamNews others, TimeProvider clock, IOptions<JsonOptions> json)
{
    /// <summary>
    /// Adds an event to the account's stream; every open stream of the account gets it once the transaction is committed, on
    /// whichever node. Its number is the one after the last, in the order of the commits: the account's stream is locked right before
    /// the commit, and several accounts' in the order of their ids.
    /// </summary>
    /// <param name="type">Past tense in snake_case: <c>balance_updated</c>. Becomes the data's <c>type</c>.</param>
    /// <param name="data">An object; its properties are sent in snake_case beside <c>type</c> and <c>timestamp</c>.</param>
    /// <param name="topic">What it is about: streams of only this topic show it too.</param>
    public void Publish(Transaction transaction, AccountId account, string type, object data, string? topic = null)
    {
        var now = clock.GetUtcNow();
        transaction.Gather(new NewEvent(account, type, Write(type, data, now), topic, now), Number, isLast: true);
    }

    /// <summary>Ends the streams that these sign-in sessions opened, on every node; their readers are told so.</summary>
    public void EndSessions(Transaction transaction, AccountId account, IReadOnlyCollection<string> sessionIds) =>
        Publish(transaction, account, SessionsEnded.Type, new SessionsEnded(sessionIds));

    private Task Number(Transaction transaction, IReadOnlyList<NewEvent> events, CancellationToken stop)
    {
        var streams = events.GroupBy(one => one.Account).OrderBy(stream => stream.Key).Select(stream => (Account: stream.Key, News: stream.ToList())).ToList();
        List<EventToWrite> rows = [];
        foreach (var (account, news) in streams)
        {
            transaction.Defer(
                """
                INSERT INTO event_streams (account_id, last_id) SELECT r.account, r.count FROM {rows} WHERE true
                ON CONFLICT (account_id) DO UPDATE SET last_id = event_streams.last_id + excluded.last_id
                """,
                new Growth(account, news.Count));
            rows.AddRange(news.Select((one, i) => new EventToWrite(account, news.Count - 1 - i, one.Type, one.Data, one.Topic, one.At)));
        }

        var written = transaction.Ask<Written, EventToWrite>(
            """
            INSERT INTO stream_events (account_id, id, type, data, topic, created_at)
            SELECT r.account, s.last_id - r.before_last, r.type, r.data, r.topic, r.at FROM {rows} CROSS JOIN event_streams s WHERE s.account_id = r.account
            RETURNING account_id, id
            """,
            rows);
        // Once in a page.
        foreach (var (account, news) in streams)
        {
            transaction.Defer(
                $$"""
                DELETE FROM stream_events WHERE (account_id, id) IN (
                    SELECT e.account_id, e.id FROM {rows} CROSS JOIN event_streams s JOIN stream_events e ON e.account_id = s.account_id
                    WHERE s.account_id = r.account AND (s.last_id + 1 - r.count) / {{EventLog.Page}} <> (s.last_id + 1) / {{EventLog.Page}}
                        AND e.id <= s.last_id - {{EventLog.MostKept}})
                """,
                new Growth(account, news.Count));
        }

        transaction.OnCommit(() => Tell(streams, written.Answered));
        return Task.CompletedTask;
    }

    private void Tell(IReadOnlyList<(AccountId Account, List<NewEvent> News)> streams, IReadOnlyList<Written> written)
    {
        var lasts = written.GroupBy(row => row.AccountId).ToDictionary(rows => rows.Key, rows => rows.Max(row => row.Id));
        foreach (var (account, news) in streams)
        {
            var first = lasts[account] - news.Count + 1;
            hub.Deliver(account, [.. news.Select((one, i) => new EventRow { AccountId = account, Id = first + i, Type = one.Type, Data = one.Data, Topic = one.Topic })]);
        }

        others.Tell([.. lasts.Select(last => (last.Key, last.Value))]);
    }

    private string Write(string type, object data, DateTimeOffset now)
    {
        using var written = new MemoryStream();
        using (var writer = new Utf8JsonWriter(written))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WriteString("timestamp", now.Iso());
            foreach (var property in JsonSerializer.SerializeToElement(data, json.Value.SerializerOptions).EnumerateObject())
            {
                if (!property.NameEquals("type"u8))
                {
                    property.WriteTo(writer);
                }
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(written.GetBuffer(), 0, (int)written.Length);
    }

    private readonly record struct NewEvent(AccountId Account, string Type, string Data, string? Topic, DateTimeOffset At);

    private readonly record struct Growth(AccountId Account, long Count);

    /// <param name="BeforeLast">So many of the same account come after it.</param>
    private readonly record struct EventToWrite(AccountId Account, long BeforeLast, string Type, string Data, string? Topic, DateTimeOffset At);

    private sealed class Written
    {
        public AccountId AccountId { get; init; }
        public long Id { get; init; }
    }
}
