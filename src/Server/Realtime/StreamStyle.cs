namespace Ledgerline.Realtime;

/// <summary>How the stream of one address speaks.</summary>
public sealed record StreamStyle
{
    /// <summary>A <c>ping</c> after so long without another event.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Shows only what is about this, and texts about it while they are written; null: every event, and no unfinished texts.</summary>
    public string? Topic { get; init; }

    /// <summary>True for an event that it shows.</summary>
    internal bool Shows(EventRow row) => Topic is null || row.Topic == Topic || row.Type == SessionsEnded.Type;

    /// <summary>The most events that are sent again after a reconnect; what is older is a gap.</summary>
    public int MostReplayed { get; init; } = EventLog.MostKept;

    /// <summary>The data of the one event that closes a gap: an object with a <c>type</c>, from which the client goes on.</summary>
    public Func<CancellationToken, Task<object>> Gap { get; init; } = _ => Task.FromResult<object>(
        new { Type = "resync", Message = "Some events are no longer kept: load the account's state again." });
}
