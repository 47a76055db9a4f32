using Sandbox.Core;

namespace Sandbox.OpenAi.Realtime;

/// <summary>Every session there is or was, newest first; the oldest give way.</summary>
internal sealed class RealtimeSessions(SandboxClock clock, RealtimeScripts scripts)
{
    private readonly Ring<RealtimeSession> _sessions = new(3_000);

    /// <summary>Begins a session.</summary>
    /// <param name="callId">Of a WebRTC or SIP call, whose audio does not come over a socket.</param>
    public RealtimeSession Begin(string model, RealtimeScript? script, string? callId = null)
    {
        var session = new RealtimeSession(clock, scripts, model, script ?? new RealtimeScript(), callId);
        _sessions.Add(session);
        return session;
    }

    public RealtimeSession? Find(string id) => _sessions.Newest(session => session.Id == id || session.CallId == id, 1) is [var session] ? session : null;

    public IReadOnlyList<RealtimeSession> List(int limit) => _sessions.Newest(_ => true, limit);

    /// <summary>Ends all that run and forgets them.</summary>
    public void Clear()
    {
        foreach (var session in List(int.MaxValue))
        {
            session.Close(RealtimeEnd.Control, System.Net.WebSockets.WebSocketCloseStatus.EndpointUnavailable, "The sandbox was reset.");
        }

        _sessions.Clear();
    }
}
