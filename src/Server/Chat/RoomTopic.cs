using System.Globalization;

namespace Ledgerline.Chat;

/// <summary>How live events name a room.</summary>
internal static class RoomTopic
{
    public static string Of(long room) => string.Create(CultureInfo.InvariantCulture, $"room {room}");
}
