using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ledgerline.Realtime;

/// <summary>Writes events to one reader: unnamed, an <c>id:</c> line and one <c>data:</c> line of JSON.</summary>
internal sealed class EventWriter(HttpContext context, OpenStream stream, TimeProvider clock, JsonSerializerOptions json)
{
    /// <summary>An event of the stream itself; its id is the reader's position, so that a reconnect goes on from there.</summary>
    public Task Say(object data, CancellationToken stop) => SayJson(JsonSerializer.Serialize(data, json), stop);

    /// <inheritdoc cref="Say"/>
    public Task SayJson(string data, CancellationToken stop)
    {
        var text = new StringBuilder();
        Append(text, stream.Position, data);
        return Flush(text, stop);
    }

    /// <summary>Sends a page and moves the position. False when it ends this reader's sign-in session.</summary>
    public async Task<bool> Send(IReadOnlyList<EventRow> page, CancellationToken stop)
    {
        var text = new StringBuilder();
        var goesOn = true;
        foreach (var row in page)
        {
            stream.Position = row.Id;
            if (row.Type != SessionsEnded.Type)
            {
                Append(text, row.Id, row.Data);
            }
            else if (SessionsEnded.Names(row.Data, stream.Account.SessionId))
            {
                Append(text, row.Id, SessionsEnded.ForReader);
                goesOn = false;
                break;
            }
        }

        if (text.Length > 0)
        {
            await Flush(text, stop);
        }

        return goesOn;
    }

    private static void Append(StringBuilder text, long id, string data) =>
        text.Append(CultureInfo.InvariantCulture, $"id: {id}\ndata: {data}\n\n");

    private async Task Flush(StringBuilder text, CancellationToken stop)
    {
        stream.BeginWrite();
        await context.Response.WriteAsync(text.ToString(), stop);
        await context.Response.Body.FlushAsync(stop);
        stream.EndWrite(clock.GetUtcNow());
    }
}
