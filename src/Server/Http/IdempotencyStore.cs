using System.Text.Json;
using Ledgerline.Persistence;

namespace Ledgerline.Http;

/// <summary>The rows behind <see cref="Idempotency"/>: who may answer a key, and what was answered.</summary>
internal sealed class IdempotencyStore(Database database, Leases leases, TimeProvider clock)
{
    private const string One = "account_id = @Account AND method = @Method AND path = @Path AND idempotency_key = @Key";
    private const string Columns = "fingerprint, ticket, lease_until, kept_until, status, body, content_type, headers";

    private const string Insert =
        """
        INSERT INTO idempotency_keys (account_id, method, path, idempotency_key, fingerprint, ticket, lease_until, created_at, kept_until)
        VALUES (@Account, @Method, @Path, @Key, @fingerprint, @Ticket, @lease, @now, @keptUntil)
        ON CONFLICT (account_id, method, path, idempotency_key) DO NOTHING
        """;

    // Clients that wait for the first answer ask again soon.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>Somebody else is at it.</summary>
    public static Refusal Running => new(StatusCodes.Status409Conflict, "A request with this Idempotency-Key is still being processed") { RetryAfter = Pause };

    /// <exception cref="TicketLost">Somebody else answers the key, so the effect must not be ours.</exception>
    public static async Task Keep(Transaction transaction, IdempotencyTicket ticket, ExactAnswer answer)
    {
        var kept = await transaction.Execute(
            $"""
            UPDATE idempotency_keys SET status = @Status, body = @Body, content_type = @ContentType, headers = @headers
            WHERE {One} AND ticket = @Ticket AND status IS NULL
            """,
            new
            {
                ticket.Account,
                ticket.Method,
                ticket.Path,
                ticket.Key,
                ticket.Ticket,
                answer.Status,
                answer.Body,
                answer.ContentType,
                headers = answer.Headers.Count == 0 ? null : JsonSerializer.Serialize(answer.Headers),
            });
        if (kept == 0 && !ticket.IsMadeUp && !await IsOurs(transaction, ticket))
        {
            throw new TicketLost();
        }
    }

    public Task Free(IdempotencyTicket ticket) => database.Write(transaction => transaction.Execute(
        $"DELETE FROM idempotency_keys WHERE {One} AND ticket = @Ticket AND status IS NULL", ticket));

    /// <summary>Writes the new end of the ticket's right. False when somebody else has it now.</summary>
    public Task<bool> Renew(IdempotencyTicket ticket, DateTimeOffset until) => database.Write(async transaction => await transaction.Execute(
        $"UPDATE idempotency_keys SET lease_until = @until WHERE {One} AND ticket = @Ticket",
        new { ticket.Account, ticket.Method, ticket.Path, ticket.Key, ticket.Ticket, until }) == 1);

    /// <summary>Null when the ticket is ours, else what is answered instead.</summary>
    /// <param name="isFirst">A first request is a request of its own, however many of the same came before it.</param>
    /// <param name="memory">For how long the answer is kept; null for ever.</param>
    public Task<IResult?> Begin(IdempotencyTicket ticket, string fingerprint, bool isFirst, TimeSpan? memory) => database.Write<IResult?>(async transaction =>
    {
        var now = clock.GetUtcNow();
        var wanted = new
        {
            ticket.Account,
            ticket.Method,
            ticket.Path,
            ticket.Key,
            ticket.Ticket,
            fingerprint,
            lease = leases.Until,
            now,
            keptUntil = now + memory,
        };
        Row? before = null;
        // Between the two questions the key may have become free.
        while (before is null)
        {
            if (await transaction.Execute(Insert, wanted) == 1)
            {
                return null;
            }

            before = await transaction.Maybe<Row>($"SELECT {Columns} FROM idempotency_keys WHERE {One} {{for update}}", ticket);
        }

        if (!(ticket.IsMadeUp ? isFirst || before.KeptUntil < now || IsFree(before) : before.Fingerprint == fingerprint && IsFree(before)))
        {
            return Before(before, fingerprint);
        }

        await transaction.Execute(
            $"""
            UPDATE idempotency_keys SET ticket = @Ticket, lease_until = @lease, kept_until = @keptUntil,
                status = NULL, body = NULL, content_type = NULL, headers = NULL
            WHERE {One}
            """,
            wanted);
        return null;
    });

    public Task Sweep(CancellationToken stop) => database.Write(
        transaction => transaction.Execute("DELETE FROM idempotency_keys WHERE kept_until < @now", new { now = clock.GetUtcNow() }, stop), stop);

    private static async Task<bool> IsOurs(Transaction transaction, IdempotencyTicket ticket) =>
        await transaction.Maybe<string>($"SELECT ticket FROM idempotency_keys WHERE {One}", ticket) == ticket.Ticket;

    private bool IsFree(Row row) => row.Status is null && leases.IsFree(row.Ticket, row.LeaseUntil);

    private static IResult Before(Row row, string fingerprint) => row switch
    {
        _ when row.Fingerprint != fingerprint =>
            new Refusal(StatusCodes.Status422UnprocessableEntity, "Idempotency-Key was already used with a different request"),
        { Status: null } => Running,
        _ => new Replay(new ExactAnswer(row.Status.Value, row.ContentType ?? "application/json; charset=utf-8", row.Body!)
        {
            Headers = row.Headers is null ? new() : JsonSerializer.Deserialize<Dictionary<string, string>>(row.Headers)!,
        }),
    };

    private sealed class Replay(ExactAnswer answer) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers[Idempotency.ReplayedHeader] = "true";
            return answer.ExecuteAsync(httpContext);
        }
    }

    private sealed class Row
    {
        public required string Fingerprint { get; init; }
        public required string Ticket { get; init; }
        public DateTimeOffset LeaseUntil { get; init; }
        public DateTimeOffset? KeptUntil { get; init; }
        public int? Status { get; init; }
        public string? Body { get; init; }
        public string? ContentType { get; init; }
        public string? Headers { get; init; }
    }
}

/// <summary>Somebody else answers the key: this node could not say for too long that it was still at it.</summary>
internal sealed class TicketLost() : Exception("Another request answers this Idempotency-Key now.");
