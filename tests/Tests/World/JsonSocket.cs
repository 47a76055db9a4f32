using System.Net.WebSockets;
using System.Text.Json;

namespace Tests.World;

/// <summary>Reads a socket whose messages are JSON, one whole message at a time.</summary>
internal static class JsonSocket
{
    /// <summary>Null when the other side closed.</summary>
    /// <param name="buffer">Holds the longest message.</param>
    public static async Task<JsonElement?> ReceiveJson(this WebSocket socket, byte[] buffer, CancellationToken stop = default)
    {
        var length = 0;
        ValueWebSocketReceiveResult got;
        do
        {
            got = await socket.ReceiveAsync(buffer.AsMemory(length), stop);
            length += got.Count;
        }
        while (!got.EndOfMessage);

        return got.MessageType == WebSocketMessageType.Close ? null : JsonDocument.Parse(buffer.AsMemory(0, length).ToArray()).RootElement;
    }
}
