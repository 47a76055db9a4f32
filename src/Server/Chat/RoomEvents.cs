using Ledgerline.Http;
using Ledgerline.Realtime;

namespace Ledgerline.Chat;

/// <summary><c>GET /chatroom/{id}/events</c>: what happens in a room, and answers while they are written.</summary>
internal static class RoomEvents
{
    public static async Task<IResult> Handle(
        string id, CurrentAccount account, HttpContext context, ReplyContexts rooms, EventStreams streams, CancellationToken stop)
    {
        var room = ChatInput.Id(id);
        return await rooms.PaysIn(account.Id, room, stop) is null
            ? Refusal.NotFound(Chatrooms.NoRoom)
            : await streams.Open(context, account, new StreamStyle { Topic = RoomTopic.Of(room) }, stop);
    }
}
