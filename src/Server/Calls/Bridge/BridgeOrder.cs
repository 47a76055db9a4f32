using Ledgerline.Ai;
using Ledgerline.Kernel;

namespace Ledgerline.Calls.Bridge;

/// <summary>What a phone's socket says about itself before anything is known of it.</summary>
/// <param name="Path">The path it called, to which its token is bound.</param>
/// <param name="Scenario">The part of the path that names one; null where it names none.</param>
/// <param name="Token">Of <c>customParameters</c>; null when it brought none.</param>
internal sealed record StreamStart(string Path, string? Scenario, string CallSid, string StreamSid, string? Token);

/// <summary>Whoever knows the calls: takes a stream's token and says what to bridge it to.</summary>
internal interface IStreamDoor
{
    /// <summary>Null: the socket is closed with 1008.</summary>
    Task<BridgeOrder?> Admit(StreamStart start, CancellationToken stop);
}

/// <summary>One call that is to be bridged.</summary>
internal sealed record BridgeOrder
{
    public required long CallId { get; init; }
    public required string CallSid { get; init; }
    public required AccountId Account { get; init; }
    public required bool IsOutbound { get; init; }

    /// <summary>Keys that the person presses reach the agent, as a note.</summary>
    public bool TakesDtmf { get; init; }

    /// <summary>The call is ended then; <see cref="LiveCalls.LimitChanged"/> moves it.</summary>
    public required DateTimeOffset EndsAt { get; init; }

    /// <summary>The first item of the conversation, which asks for a greeting.</summary>
    public required string Greeting { get; init; }

    /// <summary>Opens a session with the model: at first, after a lost one, and before the model's own limit. It may be handed a summary of the last turns.</summary>
    /// <exception cref="ModelFailure">There is none.</exception>
    public required Func<string?, CancellationToken, Task<IVoiceSession>> Open { get; init; }

    /// <summary>Runs a tool, by its name and its arguments as the model wrote them; answers what the model is told.</summary>
    public required Func<string, string, CancellationToken, Task<string>> UseTool { get; init; }

    /// <summary>Has the carrier speak a sentence, and end the call after it.</summary>
    public required Func<string, CancellationToken, Task> SayAndHangUp { get; init; }

    /// <summary>Ends the call at the carrier, for one of <see cref="BridgeEnd"/>'s reasons; a second time does nothing.</summary>
    public required Func<string, CancellationToken, Task> HangUp { get; init; }

    public required ICallListener Listener { get; init; }
}

/// <summary>Hears how a call goes: in order, one thing at a time, and never on the way of the audio, which a slow listener cannot slow.</summary>
internal interface ICallListener
{
    /// <summary>A line of the transcript. A line that comes again, by its item, says where it was cut.</summary>
    Task Spoken(SpokenLine line);

    /// <summary>Of each answer and each transcription, exactly as the model's provider counts.</summary>
    Task Used(VoiceUsage usage);

    /// <summary>Once a second while the call runs.</summary>
    Task Tick(int secondsLeft);

    /// <summary>Exactly once, at the very end, whatever happened.</summary>
    Task Ended(BridgeEnd end);
}

/// <summary>Something that was said.</summary>
/// <param name="Speaker"><see cref="Customer"/> or <see cref="Agent"/>.</param>
/// <param name="ItemId">Names it in the model's session.</param>
/// <param name="PreviousItemId">What was said before it, whichever comes first: the order of the transcript.</param>
/// <param name="AtMs">When it began, on the stream's own clock.</param>
/// <param name="CutAtMs">So much of it was heard before it was interrupted; null when all of it was.</param>
internal sealed record SpokenLine(string Speaker, string Text, string ItemId, string? PreviousItemId, long AtMs, long? CutAtMs = null)
{
    public const string Customer = "customer";
    public const string Agent = "agent";
}

/// <summary>How a bridge ended.</summary>
/// <param name="Reason">One of the constants.</param>
internal sealed record BridgeEnd(string Reason)
{
    /// <summary>The phone's side ended, or its stream did.</summary>
    public const string PhoneGone = "phone_gone";

    /// <summary>The agent said goodbye.</summary>
    public const string Goodbye = "goodbye";

    public const string TimeLimit = "time_limit";
    public const string Silence = "silence";
    public const string ModelLost = "model_lost";

    /// <summary>There was no session to begin with.</summary>
    public const string ModelUnreachable = "model_unreachable";

    /// <summary>The socket stayed open, but no audio came.</summary>
    public const string NoMedia = "no_media";

    /// <summary>What the phone's side sent was no protocol.</summary>
    public const string Malformed = "malformed";

    public const string Shutdown = "shutdown";

    /// <summary>Something in here failed.</summary>
    public const string Internal = "internal_error";

    /// <summary>From the phone.</summary>
    public long FramesIn { get; init; }

    /// <summary>To the phone.</summary>
    public long FramesOut { get; init; }

    /// <summary>From the phone, and not passed on: the model was slower than two seconds, or lost.</summary>
    public long FramesDropped { get; init; }
    public long FramesMalformed { get; init; }

    /// <summary>Of the agent's speech.</summary>
    public long PlayedMs { get; init; }
    public int Interruptions { get; init; }

    /// <summary>Of the model's sessions, after the first.</summary>
    public int Reconnects { get; init; }
}
