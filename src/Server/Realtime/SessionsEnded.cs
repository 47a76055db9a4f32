using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ledgerline.Realtime;

/// <summary>An event for the streams themselves: readers see it only when it ends their own session, and then without the ids.</summary>
internal sealed record SessionsEnded([property: JsonPropertyName("session_ids")] IReadOnlyCollection<string> SessionIds)
{
    public const string Type = "session_ended";
    public const string ForReader = """{"type":"session_ended","message":"You were signed out."}""";

    public static bool Names(string data, string sessionId) => JsonSerializer.Deserialize<SessionsEnded>(data)!.SessionIds.Contains(sessionId);
}
