using Ledgerline.Kernel;

namespace Ledgerline.Chat;

/// <summary>A room as clients see it.</summary>
/// <param name="Pays">One of <see cref="RoomPays"/>.</param>
internal sealed record RoomShown(long Id, string Name, string CreatedAt, string Pays)
{
    public static RoomShown Of(ChatroomRow room) => new(room.Id, room.Name, room.CreatedAt.Iso(), room.Pays);
}

/// <summary>A message as clients see it.</summary>
/// <param name="Sender">One of <see cref="Chat.Sender"/>.</param>
/// <param name="Answers">Of a bot's message the id of the one that it answers.</param>
internal sealed record MessageShown(long Id, string Sender, string Content, string CreatedAt, long? Answers)
{
    public static MessageShown Of(MessageRow message) => new(message.Id, message.Sender, message.Content, message.CreatedAt.Iso(), message.Answers);
}
