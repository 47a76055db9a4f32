namespace Ledgerline.Providers.Google;

/// <summary>Why Google did not vouch for anybody.</summary>
public enum GoogleFault
{
    /// <summary>The code, or the token that came for it, is not good.</summary>
    Refused,

    /// <summary>No answer, or none that can be read.</summary>
    NotReachable,
}

/// <summary>Google did not vouch for anybody; the message is for our log and holds no code and no token.</summary>
public sealed class GoogleFailure(GoogleFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public GoogleFault Fault { get; } = fault;
}
