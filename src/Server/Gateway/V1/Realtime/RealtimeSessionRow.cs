using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>What a conversation would have to be charged for if nobody heard of it any more.</summary>
/// <param name="Part">The number of the hold that pays for it; null: nothing is held.</param>
internal sealed record RealtimeStanding(int? Part, IReadOnlyList<VoiceUsage> Used, bool IsEstimated);

/// <summary>A conversation that runs, as it is stored.</summary>
internal sealed record RealtimeSessionRow
{
    private const string Columns = "account_id, id, model, ticket, lease_until, review_at, part, used, is_estimated, metadata, created_at";

    public AccountId AccountId { get; init; }
    public string Id { get; init; } = "";
    public string Model { get; init; } = "";
    public string Ticket { get; init; } = "";
    public DateTimeOffset LeaseUntil { get; init; }
    public DateTimeOffset ReviewAt { get; init; }
    public int? Part { get; init; }
    public string Used { get; init; } = "[]";
    public bool IsEstimated { get; init; }
    public string Metadata { get; init; } = "{}";
    public DateTimeOffset CreatedAt { get; init; }

    public RealtimeStanding Standing => new(Part, JsonSerializer.Deserialize<List<VoiceUsage>>(Used)!, IsEstimated);

    public RealtimeSessionRow With(RealtimeStanding standing, DateTimeOffset until) => this with
    {
        Part = standing.Part,
        Used = JsonSerializer.Serialize(standing.Used),
        IsEstimated = standing.IsEstimated,
        LeaseUntil = until,
        ReviewAt = until,
    };

    /// <summary>Writes it for the first time, or again where nobody knows whether that was done.</summary>
    public static async Task<bool> Begin(Transaction transaction, RealtimeSessionRow row) => await transaction.Execute(
        $"""
        INSERT INTO realtime_sessions ({Columns})
        VALUES (@AccountId, @Id, @Model, @Ticket, @LeaseUntil, @ReviewAt, @Part, @Used, @IsEstimated, @Metadata, @CreatedAt)
        ON CONFLICT (account_id, id) DO UPDATE SET lease_until = excluded.lease_until, review_at = excluded.review_at, part = excluded.part,
            used = excluded.used, is_estimated = excluded.is_estimated
        WHERE realtime_sessions.ticket = excluded.ticket
        """,
        row) == 1;

    /// <summary>Whoever has the ticket goes on. False: somebody else has closed it.</summary>
    public static async Task<bool> Renew(Transaction transaction, RealtimeSessionRow row) => await transaction.Execute(
        """
        UPDATE realtime_sessions SET lease_until = @LeaseUntil, review_at = @ReviewAt, part = @Part, used = @Used, is_estimated = @IsEstimated
        WHERE account_id = @AccountId AND id = @Id AND ticket = @Ticket
        """,
        row) == 1;

    /// <summary>Changes whose it is and when it is looked at. False: it is not any more as it was seen.</summary>
    public static async Task<bool> Take(Transaction transaction, RealtimeSessionRow seen, RealtimeSessionRow taken) => await transaction.Execute(
        """
        UPDATE realtime_sessions SET ticket = @To, lease_until = @Until, review_at = @ReviewAt
        WHERE account_id = @AccountId AND id = @Id AND ticket = @Ticket AND lease_until = @LeaseUntil
        """,
        new { seen.AccountId, seen.Id, seen.Ticket, seen.LeaseUntil, To = taken.Ticket, Until = taken.LeaseUntil, taken.ReviewAt }) == 1;

    public static Task Delete(Transaction transaction, RealtimeSessionRow row) => transaction.Execute(
        "DELETE FROM realtime_sessions WHERE account_id = @AccountId AND id = @Id AND ticket = @Ticket", row);

    public static Task<IReadOnlyList<RealtimeSessionRow>> ToReview(Session session, DateTimeOffset now, int most, CancellationToken stop) =>
        session.List<RealtimeSessionRow>(
            $"SELECT {Columns} FROM realtime_sessions WHERE review_at <= @now ORDER BY review_at LIMIT @most", new { now, most }, stop);
}
