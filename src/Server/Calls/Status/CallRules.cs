namespace Ledgerline.Calls.Status;

/// <summary>What somebody says of a call: the carrier's callback, its answer to a question, our own bridge.</summary>
/// <param name="Status">One of <see cref="CallStatus"/>.</param>
internal sealed record CallNews(string Status, DateTimeOffset At)
{
    /// <summary>How long it lasted, as the carrier counts.</summary>
    public long? Seconds { get; init; }
    public string? AnsweredBy { get; init; }
    public string? Reason { get; init; }
}

/// <summary>
/// How a call moves: never backwards, once over it stays over. Pure: a call and news go in, the call after them comes out. Whatever
/// the order of the news, and however often each is told, the same call ends the same way.
/// </summary>
internal static class CallRules
{
    /// <summary>Ringing, and a little more: so long a call that nobody hears of again takes a line.</summary>
    public static readonly TimeSpan LongestRing = TimeSpan.FromSeconds(90);

    /// <summary>Of a call that somebody else placed perhaps nobody ever tells how it goes: so often the carrier is asked.</summary>
    public static readonly TimeSpan BetweenAsks = TimeSpan.FromMinutes(1);

    /// <summary>The carrier's end comes first, then ours.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(15);

    /// <summary>Why a call was not placed when asking again would come to the same.</summary>
    public const string RefusedForGood = "The phone service refused it";

    /// <summary>The call after the news; itself when they change nothing.</summary>
    public static CallRow After(CallRow call, CallNews news)
    {
        if (call.IsOver)
        {
            // What ended it may not have known how long it was.
            return call.SettledAt is null && call.WasAnswered && call.Duration is null && news.Seconds is not null ? call with { Duration = news.Seconds }
                : call.AnsweredBy is null && news.AnsweredBy is not null ? call with { AnsweredBy = news.AnsweredBy }
                : call;
        }

        var heard = news.AnsweredBy is null ? call : call with { AnsweredBy = news.AnsweredBy };
        if (!CallStatus.IsLater(news.Status, call.Status))
        {
            return heard;
        }

        var answered = news.Status switch
        {
            CallStatus.InProgress => call.AnsweredAt ?? news.At,
            // The callback that it was answered is late, or lost.
            CallStatus.Completed => call.AnsweredAt ?? news.At - TimeSpan.FromSeconds(news.Seconds ?? 0),
            _ => call.AnsweredAt,
        };
        var after = heard with { Status = news.Status, AnsweredAt = answered };
        return after.IsOver
            ? after with
            {
                EndedAt = news.At,
                Duration = after.WasAnswered ? news.Seconds : null,
                EndReason = call.EndReason ?? news.Reason,
                LineUntil = news.At,
                ReviewAt = news.At + Grace,
                Ticket = null,
                LeaseUntil = null,
            }
            : Running(after, news.At);
    }

    /// <summary>The carrier has the call, under this id.</summary>
    public static CallRow Placed(CallRow call, string sid, DateTimeOffset now) => call.CallSid == sid && call.Dialling == Dialled.Placed ? call
        : Running(call with { CallSid = sid, Dialling = Dialled.Placed, Ticket = null, LeaseUntil = null }, now);

    /// <summary>The carrier's call that it was taken for is another one: where it is, nobody knows again.</summary>
    public static CallRow Mistaken(CallRow call, DateTimeOffset now) =>
        call with { CallSid = null, IsSidGuessed = false, Dialling = Dialled.Unknown, Status = CallStatus.Initiated, AnsweredAt = null, ReviewAt = now };

    /// <summary>The carrier does not have it and never will. Who asked for it may ask again, under the same key.</summary>
    public static CallRow NotPlaced(CallRow call, string reason, DateTimeOffset now) => call.IsOver ? call
        : After(call, new CallNews(CallStatus.Failed, now) { Reason = reason }) with { Dialling = Dialled.Refused, RequestKey = null };

    /// <summary>When it must have ended, whatever else happens.</summary>
    public static DateTimeOffset? EndsAt(CallRow call) => call.AnsweredAt + TimeSpan.FromSeconds(call.DurationLimit);

    private static CallRow Running(CallRow call, DateTimeOffset now)
    {
        var until = (EndsAt(call) ?? now + LongestRing) + Grace;
        var review = call.Direction == CallDirection.Inbound && now + BetweenAsks < until ? now + BetweenAsks : until;
        return call.IsOver ? call : call with { LineUntil = until, ReviewAt = review };
    }
}
