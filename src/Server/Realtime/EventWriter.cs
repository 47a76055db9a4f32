using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ledgerline.Realtime;

/// <summary>Writes events to readers: unnamed, an <c>id:</c> line and one <c>data:</c> line of JSON.</summary>
internal sealed class EventWriter(TimeProvider clock, JsonSerializerOptions json)
{
    public const string Ping = """{"type":"ping"}""";

    public static byte[] Bytes(long id, string data) => Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {id}\ndata: {data}\n\n"));

    /// <summary>An event of the stream itself; its id is the reader's position, so that a reconnect goes on from there.</summary>
    public ValueTask Say(OpenStream stream, object data) => SayJson(stream, JsonSerializer.Serialize(data, json));

    /// <inheritdoc cref="Say"/>
    public ValueTask SayJson(OpenStream stream, string data) => Write(stream, Bytes(stream.Position, data));

    /// <summary>Sends what the stream shows of a page and moves its position. False when that ends this reader's sign-in session.</summary>
    public async ValueTask<bool> Send(OpenStream stream, ArraySegment<EventRow> page)
    {
        byte[]? last = null;
        var goesOn = true;
        foreach (var row in page)
        {
            stream.Position = row.Id;
            var sent = !stream.Style.Shows(row) ? null
                : row.Type != SessionsEnded.Type ? row.Sent
                : SessionsEnded.Names(row.Data, stream.Account.SessionId) ? Bytes(row.Id, SessionsEnded.ForReader)
                : null;
            if (sent is null)
            {
                continue;
            }

            if (last is not null)
            {
                stream.Body.Write(last);
            }

            last = sent;
            if (row.Type == SessionsEnded.Type)
            {
                goesOn = false;
                break;
            }
        }

        if (last is not null)
        {
            await Write(stream, last);
        }

        return goesOn;
    }

    private async ValueTask Write(OpenStream stream, byte[] bytes)
    {
        stream.BeginWrite();
        await stream.Body.WriteAsync(bytes, stream.Gone);
        stream.EndWrite(clock.GetUtcNow());
    }
}
