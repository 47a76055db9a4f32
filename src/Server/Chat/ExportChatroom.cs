using System.Text.Json;
using Ledgerline.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ledgerline.Chat;

/// <summary><c>GET /chatroom/{id}/export</c>: a whole room as a file, however long it is.</summary>
internal static class ExportChatroom
{
    private const int Page = 1000;

    public static async Task<IResult> Handle(
        string id, CurrentAccount account, HttpContext context, RoomDesk desk, IOptions<JsonOptions> json, CancellationToken stop)
    {
        if (await desk.Find(account.Id, ChatInput.Id(id), stop) is not { } room)
        {
            return Refusal.NotFound(Chatrooms.NoRoom);
        }

        context.Response.Headers.ContentDisposition = $"attachment; filename=\"chatroom-{room.Id}.json\"";
        return TypedResults.Stream(
            async body =>
            {
                await using var writer = new Utf8JsonWriter(body);
                writer.WriteStartObject();
                writer.WriteNumber("id", room.Id);
                writer.WriteString("name", room.Name);
                writer.WriteString("created_at", RoomShown.Of(room).CreatedAt);
                writer.WriteStartArray("messages");
                // A page at a time: nobody's history has to fit into memory.
                for (var (after, more) = (0L, true); more;)
                {
                    var page = await desk.MessagesAfter(account.Id, room.Id, after, Page, stop);
                    foreach (var message in page)
                    {
                        JsonSerializer.Serialize(writer, MessageShown.Of(message), json.Value.SerializerOptions);
                        after = message.Id;
                    }

                    more = page.Count == Page;
                    await writer.FlushAsync(stop);
                }

                writer.WriteEndArray();
                writer.WriteEndObject();
            },
            "application/json; charset=utf-8");
    }
}
