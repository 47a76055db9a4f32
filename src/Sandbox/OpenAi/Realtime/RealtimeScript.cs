using System.Text.Json;
using System.Text.Json.Serialization;

namespace Sandbox.OpenAi.Realtime;

/// <summary>A tool that the model is made to call.</summary>
internal sealed record ScriptedTool
{
    public string Name { get; init; } = "";

    /// <summary>An object, or a text that is sent as it stands and need not be JSON.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public JsonElement Arguments { get; init; }

    [JsonIgnore]
    public string ArgumentsText => Arguments.ValueKind switch
    {
        JsonValueKind.Undefined or JsonValueKind.Null => "{}",
        JsonValueKind.String => Arguments.GetString()!,
        _ => Arguments.GetRawText(),
    };
}

/// <summary>One response as it is to be; what is not said goes by the sandbox's own rules.</summary>
internal sealed record ScriptedTurn
{
    public string? Say { get; init; }
    public decimal? Seconds { get; init; }
    public double? ToneHz { get; init; }
    public ScriptedTool? Tool { get; init; }

    /// <summary>Bytes in each piece of audio, also odd ones.</summary>
    public int? PiecesBytes { get; init; }

    /// <summary>How long the model thinks, in real time.</summary>
    public int DelayMs { get; init; }

    /// <summary><c>failed</c>, <c>incomplete</c> or <c>cancelled</c> instead of <c>completed</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The response begins, and nothing more comes until it is cancelled.</summary>
    public bool Silent { get; init; }
}

/// <summary>Somebody who speaks into a WebRTC call, so long after it began.</summary>
internal sealed record ScriptedCaller
{
    public int AfterMs { get; init; }
    public double ToneHz { get; init; } = 300;
    public decimal Seconds { get; init; } = 1;
}

/// <summary>What the next sessions are like.</summary>
internal sealed record RealtimeScript
{
    /// <summary>Only sessions whose instructions contain these words, once they are known; any session when it is missing.</summary>
    public string? Match { get; init; }
    public int Times { get; init; } = 1;
    public int HandshakeMs { get; init; }
    public IReadOnlyList<ScriptedTurn> Turns { get; init; } = [];

    /// <summary>How many times faster than it plays audio is produced.</summary>
    public decimal Speed { get; init; } = 5;

    /// <summary>Audio is produced without any waiting.</summary>
    public bool AtOnce { get; init; }
    public int? PiecesBytes { get; init; }

    /// <summary>On the sandbox's clock.</summary>
    public int? ExpiresAfterSeconds { get; init; }

    /// <summary>The connection is cut after so many events of the server.</summary>
    public int? DropAfterEvents { get; init; }

    /// <summary>Neither reads nor answers any more, from the first <c>session.update</c> on, or after so many events where those are given.</summary>
    public bool HalfOpen { get; init; }
    public int? HalfOpenAfterEvents { get; init; }

    /// <summary><c>session.updated</c> never comes.</summary>
    public bool NoUpdate { get; init; }

    /// <summary>What callers are said to have said, in turn; null: the transcription fails.</summary>
    public IReadOnlyList<string?> Transcribe { get; init; } = [];
    public IReadOnlyList<ScriptedCaller> Caller { get; init; } = [];

    /// <summary>What makes no sense about it, as a sentence, or null.</summary>
    [JsonIgnore]
    public string? Fault =>
        Times is < 1 or > 100_000 ? "times is between 1 and 100000."
        : HandshakeMs < 0 || DropAfterEvents < 0 || HalfOpenAfterEvents < 0 || ExpiresAfterSeconds < 1 ? "Times and numbers of events are not negative; expires_after_seconds is at least 1."
        : Speed <= 0 ? "speed is above 0; at_once produces without waiting."
        : PiecesBytes < 1 || Turns.Any(turn => turn.PiecesBytes < 1) ? "pieces_bytes is at least 1."
        : Turns.Any(turn => turn.Seconds is < 0 or > 600 || turn.DelayMs < 0) ? "seconds of a turn is between 0 and 600, delay_ms at least 0."
        : Turns.Any(turn => turn.Status is not (null or "completed" or "failed" or "incomplete" or "cancelled")) ? "status is completed, failed, incomplete or cancelled."
        : Turns.Any(turn => turn.Tool is { Name: "" }) ? "A tool has a name."
        : null;
}
