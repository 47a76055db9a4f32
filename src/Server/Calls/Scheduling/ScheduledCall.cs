using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Scheduling;

/// <summary>A call that is to be placed at a time.</summary>
public sealed class ScheduledCall
{
    internal const string Columns = "account_id, id, kind, phone_number, scenario, notes, scheduled_time, status, reason, attempts, call_id, created_at";

    public AccountId AccountId { get; init; }
    public long Id { get; init; }
    public required string Kind { get; init; }

    /// <summary>E.164.</summary>
    public required string PhoneNumber { get; init; }

    public required string Scenario { get; init; }
    public string? Notes { get; init; }
    public DateTimeOffset ScheduledTime { get; init; }

    /// <summary>One of <see cref="ScheduleStatus"/>.</summary>
    public required string Status { get; init; }

    /// <summary>Why it was not placed.</summary>
    public string? Reason { get; init; }

    public int Attempts { get; init; }

    /// <summary>Of its last attempt.</summary>
    public long? CallId { get; init; }

    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>What became of a schedule.</summary>
public static class ScheduleStatus
{
    public const string Scheduled = "scheduled";
    public const string Dialing = "dialing";

    /// <summary>It was placed.</summary>
    public const string Completed = "completed";
    public const string Failed = "failed";

    /// <summary>Nothing paid for it when it was due.</summary>
    public const string Skipped = "skipped";

    /// <summary>It was due while nobody was there to dial.</summary>
    public const string Missed = "missed";
    public const string Cancelled = "cancelled";
}

/// <summary>News: a scheduled call is due.</summary>
public sealed record ScheduledCallDue(AccountId Account, long Id);

/// <summary>The door to the calls that are to be placed.</summary>
public sealed class Schedule
{
    internal static readonly TimeSpan Past = TimeSpan.FromSeconds(60);
    internal static readonly TimeSpan Farthest = TimeSpan.FromDays(366);

    private readonly Database database;
    private readonly Jobs.Outbox outbox;
    private readonly Ids ids;
    private readonly TimeSpan repeatWindow;
    private readonly TimeProvider clock;

    internal Schedule(Database database, Jobs.Outbox outbox, Ids ids, TimeSpan repeatWindow, TimeProvider clock) =>
        (this.database, this.outbox, this.ids, this.repeatWindow, this.clock) = (database, outbox, ids, repeatWindow, clock);

    /// <summary>Whether a call may be scheduled for then.</summary>
    public bool IsFuture(DateTimeOffset time) => time >= clock.GetUtcNow() - Past && time <= clock.GetUtcNow() + Farthest;

    /// <param name="alsoWithin">Runs in the same transaction.</param>
    public Task<ScheduledCall> Add(
        AccountId account, string kind, string number, string scenario, string? notes, DateTimeOffset time, Func<Transaction, ScheduledCall, Task>? alsoWithin, CancellationToken stop)
    {
        var made = new ScheduledCall
        {
            AccountId = account,
            Id = ids.Number(),
            Kind = kind,
            PhoneNumber = number,
            Scenario = scenario,
            Notes = notes,
            ScheduledTime = time,
            Status = ScheduleStatus.Scheduled,
            CreatedAt = clock.GetUtcNow(),
        };
        return database.Write(
            async transaction =>
            {
                await Status.CallBook.LockAccount(transaction, account, stop);
                if (await transaction.Maybe<ScheduledCall>(
                    $"""
                    SELECT {ScheduledCall.Columns} FROM scheduled_calls WHERE account_id = @AccountId AND phone_number = @PhoneNumber AND scenario = @Scenario
                        AND scheduled_time = @ScheduledTime AND created_at > @since AND status <> 'cancelled' LIMIT 1
                    """,
                    new { made.AccountId, made.PhoneNumber, made.Scenario, made.ScheduledTime, since = made.CreatedAt - repeatWindow },
                    stop) is { } same)
                {
                    // A client that repeats by itself.
                    await (alsoWithin?.Invoke(transaction, same) ?? Task.CompletedTask);
                    return same;
                }

                await transaction.Execute(
                    """
                    INSERT INTO scheduled_calls (account_id, id, kind, phone_number, scenario, notes, scheduled_time, status, created_at)
                    VALUES (@AccountId, @Id, @Kind, @PhoneNumber, @Scenario, @Notes, @ScheduledTime, @Status, @CreatedAt)
                    """,
                    made,
                    stop);
                await outbox.Publish(transaction, new ScheduledCallDue(account, made.Id), time, stop);
                await (alsoWithin?.Invoke(transaction, made) ?? Task.CompletedTask);
                return made;
            },
            stop);
    }

    /// <summary>The next ones first.</summary>
    public Task<IReadOnlyList<ScheduledCall>> List(AccountId account, string? status, int limit, CancellationToken stop) => database.Read(
        session => session.List<ScheduledCall>(
            $"""
            SELECT {ScheduledCall.Columns} FROM scheduled_calls WHERE account_id = @account AND (@status IS NULL OR status = @status)
            ORDER BY scheduled_time DESC, id LIMIT @limit
            """,
            new { account, status, limit },
            stop),
        stop);

    /// <summary>Null when the account has no such schedule.</summary>
    public Task<ScheduledCall?> Find(AccountId account, long id, CancellationToken stop) => database.Read(session => Find(session, account, id, stop), stop);

    /// <summary>True: it will not be placed. False: too late. Null: the account has no such schedule.</summary>
    public Task<bool?> Cancel(AccountId account, long id, CancellationToken stop) => database.Write<bool?>(
        async transaction => await transaction.Execute(
            "UPDATE scheduled_calls SET status = 'cancelled' WHERE account_id = @account AND id = @id AND status IN ('scheduled', 'cancelled')", new { account, id }, stop) == 1
            ? true
            : await Find(transaction, account, id, stop) is null ? null : false,
        stop);

    internal static Task<ScheduledCall?> Find(Session session, AccountId account, long id, CancellationToken stop) => session.Maybe<ScheduledCall>(
        $"SELECT {ScheduledCall.Columns} FROM scheduled_calls WHERE account_id = @account AND id = @id", new { account, id }, stop);

    /// <summary>Under its lock.</summary>
    internal static Task<ScheduledCall?> Lock(Transaction transaction, AccountId account, long id, CancellationToken stop) => transaction.Maybe<ScheduledCall>(
        $$"""SELECT {{ScheduledCall.Columns}} FROM scheduled_calls WHERE account_id = @account AND id = @id {for update}""", new { account, id }, stop);
}
