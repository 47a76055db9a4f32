namespace Ledgerline.Plans;

/// <summary>An attempt to use an allowance.</summary>
/// <param name="Key">Given by who reserves: the same key is the same attempt.</param>
/// <param name="Units">Of the quota.</param>
/// <param name="IsCounted">Among the account's calls.</param>
/// <param name="CreatedAt">When it was counted.</param>
internal sealed record Reservation(
    string Key, string Service, string Funding, string Status, int? DurationLimit, long Units, bool IsCounted, QuotaPeriod? Quota, string? AddOnId,
    string State, long? Seconds, DateTimeOffset ExpiresAt, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt)
{
    /// <summary>Of what is paid by use: on whose terms, whatever the account has when it comes to its end.</summary>
    public PlanTerms? Terms { get; init; }

    /// <summary>It holds an allowance and has not come to its end.</summary>
    public bool IsOpen => State is ReservationState.Reserved or ReservationState.Confirmed;

    /// <summary>What there may be so many of at a time, such as scenarios, is given back when it is deleted, long after it was made.</summary>
    public bool MayBeGivenBack => IsOpen || State == ReservationState.Completed && Quota?.Start == DateTimeOffset.UnixEpoch;
}

/// <summary>What became of an attempt.</summary>
public static class ReservationState
{
    /// <summary>Given back by the sweeper when its time is over.</summary>
    public const string Reserved = "reserved";

    /// <summary>It happens: nothing but its own end ends it.</summary>
    public const string Confirmed = "confirmed";

    public const string Completed = "completed";
    public const string GivenBack = "given_back";
    public const string Expired = "expired";
}
