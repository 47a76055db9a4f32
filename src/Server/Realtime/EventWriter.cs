using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ledgerline.Realtime;

/// <summary>Writes events to one reader: unnamed, an <c>id:</c> line and one <c>data:</c> line of JSON.</summary>
internal sealed class EventWriter(HttpContext context, OpenStream stream, TimeProvider clock, JsonSerializerOptions json)
{
    public static byte[] Bytes(long id, string data) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {id}\ndata: {data}\n\n"));

    /// <summary>An event of the stream itself; its id is the reader's position, so that a reconnect goes on from there.</summary>
    public Task Say(object data, CancellationToken stop) => SayJson(JsonSerializer.Serialize(data, json), stop);

    /// <inheritdoc cref="Say"/>
    public Task SayJson(string data, CancellationToken stop)
    {
        context.Response.BodyWriter.Write(Bytes(stream.Position, data));
        return Flush(stop);
    }

    /// <summary>Sends a page and moves the position. False when it ends this reader's sign-in session.</summary>
    public async Task<bool> Send(IReadOnlyList<EventRow> page, CancellationToken stop)
    {
        var (body, isEmpty, goesOn) = (context.Response.BodyWriter, true, true);
        foreach (var row in page)
        {
            stream.Position = row.Id;
            var sent = row.Type != SessionsEnded.Type ? row.Sent
                : SessionsEnded.Names(row.Data, stream.Account.SessionId) ? Bytes(row.Id, SessionsEnded.ForReader)
                : null;
            if (sent is null)
            {
                continue;
            }

            body.Write(sent);
            isEmpty = false;
            if (row.Type == SessionsEnded.Type)
            {
                goesOn = false;
                break;
            }
        }

        if (!isEmpty)
        {
            await Flush(stop);
        }

        return goesOn;
    }

    private async Task Flush(CancellationToken stop)
    {
        stream.BeginWrite();
        await context.Response.BodyWriter.FlushAsync(stop);
        stream.EndWrite(clock.GetUtcNow());
    }
}
