namespace Sandbox.Twilio.Line;

/// <summary>What a media stream is opened with.</summary>
internal sealed record StreamOrder(
    string StreamSid, string CallSid, string AccountSid, IReadOnlyDictionary<string, string> Parameters, CallSound Sound, Person Person)
{
    /// <summary>As the address is signed and shown; reached elsewhere perhaps.</summary>
    public required Uri Url { get; init; }

    /// <summary>Where it is really opened.</summary>
    public required Uri Reached { get; init; }
    public required string Signature { get; init; }
}

/// <summary>Why a stream is over: <c>hung up</c>, <c>closed by us</c>, <c>cut by the person</c>, <c>lost</c>; and the status it was closed with.</summary>
internal sealed record StreamEnd(string Reason, int? CloseStatus = null);

/// <summary>The socket could not be opened.</summary>
internal sealed class StreamRefused(string reason, int? status) : Exception(reason)
{
    /// <summary>What the handshake was answered with, when it was answered.</summary>
    public int? Status { get; } = status;
}
