using System.Text.Json;
using System.Text.Json.Nodes;
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

    private async Task Number(Transaction transaction, IReadOnlyList<NewEvent> events, CancellationToken stop)
    {
        var streams = events.GroupBy(one => one.Account).OrderBy(stream => stream.Key).ToDictionary(stream => stream.Key, stream => stream.ToList());
        var lasts = await transaction.ListFor<LastId, Growth>(
            """
            INSERT INTO event_streams (account_id, last_id) SELECT r.account, r.count FROM {rows} WHERE true
            ON CONFLICT (account_id) DO UPDATE SET last_id = event_streams.last_id + excluded.last_id
            RETURNING account_id, last_id AS last
            """,
            [.. streams.Select(stream => new Growth(stream.Key, stream.Value.Count))],
            stop);
        foreach (var last in lasts)
        {
            var news = streams[last.AccountId];
            var first = last.Last - news.Count + 1;
            List<EventRow> rows = [];
            for (var i = 0; i < news.Count; i++)
            {
                rows.Add(new EventRow { AccountId = last.AccountId, Id = first + i, Type = news[i].Type, Data = news[i].Data, Topic = news[i].Topic });
                transaction.Defer(
                    "INSERT INTO stream_events (account_id, id, type, data, topic, created_at) SELECT r.account, r.id, r.type, r.data, r.topic, r.at FROM {rows}",
                    new EventToWrite(last.AccountId, first + i, news[i].Type, news[i].Data, news[i].Topic, news[i].At));
            }

            if (first / EventLog.Page != (last.Last + 1) / EventLog.Page)
            {
                transaction.Defer(
                    "DELETE FROM stream_events WHERE (account_id, id) IN (SELECT e.account_id, e.id FROM {rows} CROSS JOIN stream_events e WHERE e.account_id = r.account AND e.id <= r.id)",
                    new Oldest(last.AccountId, last.Last - EventLog.MostKept));
            }

            transaction.OnCommit(() => hub.Deliver(last.AccountId, rows));
        }

        transaction.OnCommit(() => others.Tell([.. lasts.Select(last => (last.AccountId, last.Last))]));
    }

    private string Write(string type, object data, DateTimeOffset now)
    {
        var written = new JsonObject { ["type"] = type, ["timestamp"] = now.Iso() };
        foreach (var (name, value) in JsonSerializer.SerializeToNode(data, json.Value.SerializerOptions)!.AsObject())
        {
            if (name != "type")
            {
                written[name] = value?.DeepClone();
            }
        }

        return written.ToJsonString();
    }

    private readonly record struct NewEvent(AccountId Account, string Type, string Data, string? Topic, DateTimeOffset At);

    private readonly record struct Growth(AccountId Account, long Count);

    private readonly record struct EventToWrite(AccountId Account, long Id, string Type, string Data, string? Topic, DateTimeOffset At);

    private readonly record struct Oldest(AccountId Account, long Id);

    private sealed class LastId
    {
        public AccountId AccountId { get; init; }
        public long Last { get; init; }
    }
}
