using System.IO.Pipelines;
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
        context.Response.ContentType = "application/json; charset=utf-8";
        await Write(room, desk, context.Response.BodyWriter, json.Value.SerializerOptions, stop);
        return Results.Empty;
    }

    // A page at a time: nobody's history has to fit into memory.
    private static async Task Write(ChatroomRow room, RoomDesk desk, PipeWriter body, JsonSerializerOptions json, CancellationToken stop)
    {
        await using var writer = new Utf8JsonWriter(body);
        writer.WriteStartObject();
        writer.WriteNumber("id", room.Id);
        writer.WriteString("name", room.Name);
        writer.WriteString("created_at", RoomShown.Of(room).CreatedAt);
        writer.WriteString("pays", room.Pays);
        writer.WriteStartArray("messages");
        for (var (after, more) = (0L, true); more;)
        {
            var page = await desk.MessagesAfter(room.AccountId, room.Id, after, Page, stop);
            foreach (var message in page)
            {
                JsonSerializer.Serialize(writer, MessageShown.Of(message), json);
                after = message.Id;
            }

            more = page.Count == Page;
            await writer.FlushAsync(stop);
            await body.FlushAsync(stop);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
