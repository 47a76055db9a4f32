using System.Text.Json;
using System.Text.Json.Nodes;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ledgerline.Realtime;

/// <summary>The door to the accounts' live events: what is published is a row first, so that no open or later stream misses it.</summary>
public sealed class Channels(StreamHub hub, TimeProvider clock, IOptions<JsonOptions> json)
{
    /// <summary>
    /// Adds an event to the account's stream; every open stream of the account gets it once the transaction is committed, on
    /// whichever node. Its number is the one after the last, in the order of the commits: the account's stream stays locked until
    /// then, so publish late in the transaction, and for several accounts in the order of their ids.
    /// </summary>
    /// <param name="type">Past tense in snake_case: <c>balance_updated</c>. Becomes the data's <c>type</c>.</param>
    /// <param name="data">An object; its properties are sent in snake_case beside <c>type</c> and <c>timestamp</c>.</param>
    public async Task Publish(Transaction transaction, AccountId account, string type, object data, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var id = await transaction.One<long>(
            """
            INSERT INTO event_streams (account_id, last_id) VALUES (@account, 1)
            ON CONFLICT (account_id) DO UPDATE SET last_id = event_streams.last_id + 1
            RETURNING last_id
            """,
            new { account },
            stop);
        await transaction.Execute(
            "INSERT INTO stream_events (account_id, id, type, data, created_at) VALUES (@account, @id, @type, @data, @now)",
            new { account, id, type, data = Write(type, data, now), now },
            stop);
        if (id % EventLog.Page == 0)
        {
            await transaction.Execute(
                "DELETE FROM stream_events WHERE account_id = @account AND id <= @oldest", new { account, oldest = id - EventLog.MostKept }, stop);
        }

        transaction.OnCommit(() => hub.Wake(account));
    }

    /// <summary>Ends the streams that these sign-in sessions opened, on every node; their readers are told so.</summary>
    public Task EndSessions(Transaction transaction, AccountId account, IReadOnlyCollection<string> sessionIds, CancellationToken stop) =>
        Publish(transaction, account, SessionsEnded.Type, new SessionsEnded(sessionIds), stop);

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
}
