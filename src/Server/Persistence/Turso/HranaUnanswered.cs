namespace Ledgerline.Persistence.Turso;

/// <summary>Why a pipeline has no answer.</summary>
internal enum HranaTrouble
{
    /// <summary>The server says that the stream was idle for too long: what it had not committed is undone.</summary>
    StreamExpired,

    /// <summary>The server does not know the stream, or not any more.</summary>
    StreamUnknown,

    /// <summary>The token is missing or wrong: nothing was read, let alone done.</summary>
    Unauthorized,

    /// <summary>The request is one that this server does not take: nothing was done.</summary>
    Refused,

    /// <summary>The server failed; how far it came, nobody knows.</summary>
    Failing,

    /// <summary>The connection could not be made, or broke before the whole answer was here.</summary>
    Unreachable,

    /// <summary>No answer in all the time there was.</summary>
    TimedOut,

    /// <summary>Something came that is no answer to what was asked.</summary>
    Unreadable,
}

/// <summary>A pipeline was sent and no answer came; what that means depends on what was asked.</summary>
internal sealed class HranaUnanswered(HranaTrouble trouble, string message, Exception? cause = null) : Exception(message, cause)
{
    public HranaTrouble Trouble { get; } = trouble;

    /// <summary>Whether the server may have run what was asked.</summary>
    public bool MayHaveRun => Trouble is HranaTrouble.StreamUnknown or HranaTrouble.Failing or HranaTrouble.Unreachable or HranaTrouble.TimedOut or HranaTrouble.Unreadable;

    /// <summary>Whether it is worth beginning anew at once.</summary>
    public bool IsPassing => Trouble is HranaTrouble.StreamExpired or HranaTrouble.StreamUnknown or HranaTrouble.Failing or HranaTrouble.Unreachable;

    /// <summary>For work of which nothing can have been committed.</summary>
    public HranaException AsFailure() => new(Message, cause: this) { MayRunAgain = IsPassing };
}
