using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using Sandbox.Core;
using Sandbox.OpenAi.Realtime.Sound;

namespace Sandbox.OpenAi.Realtime;

/// <summary>Who ended a session.</summary>
internal enum RealtimeEnd
{
    /// <summary>The client said goodbye.</summary>
    Client,

    /// <summary>The client's connection broke.</summary>
    Lost,
    Expired,
    Dropped,
    Hangup,
    Control,
    Server,
}

/// <summary>
/// One conversation with the sandbox's model: its configuration, its items, its responses. Everything happens in one gate and nothing in it
/// waits, so the order of events is the order of causes.
/// </summary>
internal sealed partial class RealtimeSession : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SandboxClock _clock;
    private readonly RealtimeScripts _scripts;
    private readonly Conversation _conversation = new();
    private readonly Listener _listener = new();
    private readonly List<RealtimeSocket> _sockets = [];
    private readonly List<ResponseRun> _running = [];
    private readonly CancellationTokenSource _closed = new();
    private readonly string _tag = Ids.New("", 12);
    private readonly ITimer _expiry;
    private readonly ITimer _idle;
    private string? _speechItemId;
    private int _nextTurn;
    private int _nextTranscript;
    private int _cachedText;
    private int _cachedAudio;
    private bool _matched;
    private Fault? _fault;

    public RealtimeSession(SandboxClock clock, RealtimeScripts scripts, string model, RealtimeScript script, string? callId)
    {
        (_clock, _scripts, Script, CallId) = (clock, scripts, script, callId);
        StartedAt = clock.GetUtcNow();
        var lasts = script.ExpiresAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : SessionConfig.Longest;
        Config = new SessionConfig(Id, model, StartedAt + lasts);
        Closed = _closed.Token;
        _expiry = clock.CreateTimer(_ => Expire(), null, lasts, Timeout.InfiniteTimeSpan);
        _idle = clock.CreateTimer(_ => BreakTheSilence(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public string Id { get; } = Ids.New("sess_", 21);
    public string ConversationId { get; } = Ids.New("conv_", 21);
    public string? CallId { get; }
    public DateTimeOffset StartedAt { get; }
    public SessionConfig Config { get; }
    public RealtimeScript Script { get; private set; }
    public RealtimeEnd? EndedBy { get; private set; }
    public bool IsOver => EndedBy is not null;

    /// <summary>Cancelled when the session ends.</summary>
    public CancellationToken Closed { get; }

    /// <summary>What happens in the gate; nothing when the session is over.</summary>
    public bool Within(Func<bool> act)
    {
        lock (_gate)
        {
            return !IsOver && act();
        }
    }

    /// <summary>Configured before it began, by a client secret or by the call.</summary>
    public void Preset(JsonObject session)
    {
        lock (_gate)
        {
            Config.Update(session, hasSpoken: false);
            Match();
        }
    }

    /// <summary>What a fault with <c>after_events</c> does to the stream of events.</summary>
    public void Meet(Fault fault) => _fault = fault;

    public void Attach(RealtimeSocket socket)
    {
        lock (_gate)
        {
            _sockets.Add(socket);
            // Others that are attached already have been told.
            Send("session.created", Message("session.created", [("session", Config.Shape())]), socket);
        }
    }

    /// <summary>A socket has gone; with the only one of a session that has no call, the session ends.</summary>
    public void Detach(RealtimeSocket socket, bool saidGoodbye)
    {
        lock (_gate)
        {
            _sockets.Remove(socket);
            if (CallId is null)
            {
                End(saidGoodbye ? RealtimeEnd.Client : RealtimeEnd.Lost);
            }
        }
    }

    public void Close(RealtimeEnd by, WebSocketCloseStatus status, string reason)
    {
        lock (_gate)
        {
            if (!IsOver)
            {
                _sockets.ForEach(socket => socket.Close(status, reason));
                End(by);
            }
        }
    }

    /// <summary>Ends it, if nothing has.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            End(RealtimeEnd.Server);
        }
    }

    public static string NewItemId() => Ids.New("item_", 21);

    /// <summary>Sends an event to whoever is attached. Called inside the gate.</summary>
    public void Emit(string type, params ReadOnlySpan<(string Name, JsonNode? Value)> fields) => Send(type, Message(type, fields));

    private byte[] Message(string type, ReadOnlySpan<(string Name, JsonNode? Value)> fields)
    {
        var message = new JsonObject { ["type"] = type, ["event_id"] = NextEventId() };
        foreach (var (name, value) in fields)
        {
            message[name] = value;
        }

        return Encoding.UTF8.GetBytes(message.ToJsonString(Json.Options));
    }

    /// <summary>Sends a piece of audio, which is Base64 already. Called inside the gate.</summary>
    public void EmitAudio(string responseId, string itemId, int outputIndex, byte[] piece)
    {
        const string type = "response.output_audio.delta";
        if (CallId is not null)
        {
            // The audio of a call goes to the person, not to whoever controls it.
            if (_playing != responseId)
            {
                _playing = responseId;
                Emit("output_audio_buffer.started", ("response_id", responseId));
            }

            return;
        }

        var head = $$"""{"type":"{{type}}","event_id":"{{NextEventId()}}","response_id":"{{responseId}}","item_id":"{{itemId}}","output_index":{{outputIndex}},"content_index":0,"delta":" """;
        var message = new byte[head.Length - 1 + piece.Length + 2];
        Encoding.ASCII.GetBytes(head.AsSpan(0, head.Length - 1), message);
        piece.CopyTo(message.AsSpan(head.Length - 1));
        "\"}"u8.CopyTo(message.AsSpan(message.Length - 2));
        Send(type, message);
    }

    public void EmitRateLimits(int used) => Emit("rate_limits.updated", ("rate_limits", new JsonArray(
        new JsonObject { ["name"] = "requests", ["limit"] = 20_000, ["remaining"] = 19_999, ["reset_seconds"] = 0.003 },
        new JsonObject { ["name"] = "tokens", ["limit"] = 15_000_000, ["remaining"] = Math.Max(0, 15_000_000 - used), ["reset_seconds"] = 0.0 })));

    private string NextEventId() => $"event_{_tag}{_eventsOut}";

    private void Send(string type, byte[] message, RealtimeSocket? only = null)
    {
        if (IsOver)
        {
            return;
        }

        CountOut(type);
        foreach (var socket in _sockets)
        {
            if (only is null || socket == only)
            {
                socket.Send(message);
            }
        }

        if (Script.DropAfterEvents == _eventsOut)
        {
            _sockets.ForEach(socket => socket.Drop());
            End(RealtimeEnd.Dropped);
        }
        else if (Script.HalfOpenAfterEvents == _eventsOut)
        {
            _sockets.ForEach(socket => socket.Stall());
        }
        else if (_fault?.AfterEvents == _eventsOut)
        {
            Strike(_fault);
        }
    }

    private void Strike(Fault fault)
    {
        _fault = null;
        if (fault.DelayMs is > 0 and var milliseconds)
        {
            _sockets.ForEach(socket => socket.Hold(milliseconds));
        }

        if (fault.Body is { } nonsense)
        {
            Send("(as a fault said)", Encoding.UTF8.GetBytes(nonsense));
        }
        else if (fault.Status is not null)
        {
            Refuse(new RealtimeError("The sandbox was told to fail in the middle of this session.", code: "server_error"), null, "server_error");
        }

        if (fault.Drop)
        {
            _sockets.ForEach(socket => socket.Drop());
            End(RealtimeEnd.Dropped);
        }
    }

    private void Refuse(RealtimeError error, string? eventId, string type = "invalid_request_error") => Emit("error", ("error", new JsonObject
    {
        ["type"] = type,
        ["code"] = error.Code,
        ["message"] = error.Message,
        ["param"] = error.Param,
        ["event_id"] = eventId,
    }));

    private void Expire()
    {
        lock (_gate)
        {
            if (IsOver)
            {
                return;
            }

            Refuse(new RealtimeError("Your session hit the maximum duration of 60 minutes.", code: "session_expired"), null);
            _sockets.ForEach(socket => socket.Close(WebSocketCloseStatus.EndpointUnavailable, "session_expired"));
            End(RealtimeEnd.Expired);
        }
    }

    private void End(RealtimeEnd by)
    {
        if (IsOver)
        {
            return;
        }

        EndedBy = by;
        EndedAt = _clock.GetUtcNow();
        _expiry.Dispose();
        _idle.Dispose();
        _running.Clear();
        _closed.Cancel();
        _closed.Dispose();
    }
}
