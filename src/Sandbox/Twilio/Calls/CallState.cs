namespace Sandbox.Twilio.Calls;

/// <summary>How a call stands at one moment; replaced as a whole, so that what is read of it fits together.</summary>
internal sealed record CallState(string Status, DateTimeOffset UpdatedAt)
{
    /// <summary>When it was dialled.</summary>
    public DateTimeOffset? StartedAt { get; init; }
    public DateTimeOffset? AnsweredAt { get; init; }
    public DateTimeOffset? EndedAt { get; init; }
    public long QueueMs { get; init; }
    public int TimeLimit { get; init; }
    public DateTimeOffset LimitSetAt { get; init; }
    public string? AnsweredBy { get; init; }
    public string? Price { get; init; }

    public bool IsOver => EndedAt is not null;

    public bool Talks => AnsweredAt is not null && EndedAt is null;

    /// <summary>Seconds of talking, begun ones counted; null for a call that was not answered or goes on.</summary>
    public int? Duration => EndedAt is { } end && AnsweredAt is { } start ? Math.Max(1, (int)Math.Ceiling((end - start).TotalSeconds)) : null;

    /// <summary>When the time limit ends it; a limit that is shorter than the call is already ends it when it is set.</summary>
    public DateTimeOffset? LimitDue => AnsweredAt is { } start ? start.AddSeconds(TimeLimit) is var due && due > LimitSetAt ? due : LimitSetAt : null;
}
