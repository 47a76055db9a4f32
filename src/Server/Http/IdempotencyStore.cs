using System.Text.Json;
using Ledgerline.Persistence;

namespace Ledgerline.Http;

/// <summary>The rows behind <see cref="Idempotency"/>: who may answer a key, and what was answered.</summary>
internal sealed class IdempotencyStore(Database database, TimeProvider clock)
{
    private const string One = "account_id = @Account AND method = @Method AND path = @Path AND idempotency_key = @Key";
    private const string Columns = "fingerprint, status, body, content_type, headers";

    // Clients that wait for the first answer ask again soon.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    public static Task Keep(Transaction transaction, IdempotencyTicket ticket, ExactAnswer answer) => transaction.Execute(
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

    public Task Free(IdempotencyTicket ticket) => database.Write(transaction => transaction.Execute(
        $"DELETE FROM idempotency_keys WHERE {One} AND ticket = @Ticket AND status IS NULL", ticket));

    /// <summary>Null when the ticket is ours, else what is answered instead.</summary>
    public Task<IResult?> Begin(IdempotencyTicket ticket, string fingerprint, TimeSpan lease) => Begin(
        ticket,
        fingerprint,
        """
        UPDATE SET ticket = excluded.ticket, lease_until = excluded.lease_until
        WHERE idempotency_keys.status IS NULL AND idempotency_keys.lease_until < @now AND idempotency_keys.fingerprint = excluded.fingerprint
        """,
        lease,
        memory: null,
        isFirst: false);

    /// <inheritdoc cref="Begin(IdempotencyTicket, string, TimeSpan)"/>
    /// <param name="isFirst">A first request is a request of its own, however many of the same came before it.</param>
    public Task<IResult?> BeginMadeUp(IdempotencyTicket ticket, string fingerprint, bool isFirst, TimeSpan lease, TimeSpan memory) => Begin(
        ticket,
        fingerprint,
        """
        UPDATE SET ticket = excluded.ticket, lease_until = excluded.lease_until, kept_until = excluded.kept_until,
            status = NULL, body = NULL, content_type = NULL, headers = NULL
        WHERE @isFirst OR idempotency_keys.kept_until < @now OR (idempotency_keys.status IS NULL AND idempotency_keys.lease_until < @now)
        """,
        lease,
        memory,
        isFirst);

    public Task Sweep(CancellationToken stop) => database.Write(
        transaction => transaction.Execute("DELETE FROM idempotency_keys WHERE kept_until < @now", new { now = clock.GetUtcNow() }, stop), stop);

    private Task<IResult?> Begin(IdempotencyTicket ticket, string fingerprint, string takeOver, TimeSpan lease, TimeSpan? memory, bool isFirst) =>
        database.Write<IResult?>(async transaction =>
        {
            var now = clock.GetUtcNow();
            var row = await transaction.Maybe<Row>(
                $"""
                INSERT INTO idempotency_keys (account_id, method, path, idempotency_key, fingerprint, ticket, lease_until, created_at, kept_until)
                VALUES (@Account, @Method, @Path, @Key, @fingerprint, @Ticket, @lease, @now, @keptUntil)
                ON CONFLICT (account_id, method, path, idempotency_key) DO {takeOver}
                RETURNING {Columns}
                """,
                new
                {
                    ticket.Account,
                    ticket.Method,
                    ticket.Path,
                    ticket.Key,
                    ticket.Ticket,
                    fingerprint,
                    isFirst,
                    lease = now + lease,
                    now,
                    keptUntil = now + memory,
                });
            return row is null ? Before(await transaction.One<Row>($"SELECT {Columns} FROM idempotency_keys WHERE {One}", ticket), fingerprint) : null;
        });

    private static IResult Before(Row row, string fingerprint) => row switch
    {
        _ when row.Fingerprint != fingerprint =>
            new Refusal(StatusCodes.Status422UnprocessableEntity, "Idempotency-Key was already used with a different request"),
        { Status: null } => new Refusal(StatusCodes.Status409Conflict, "A request with this Idempotency-Key is still being processed")
        {
            RetryAfter = Pause,
        },
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
        public int? Status { get; init; }
        public string? Body { get; init; }
        public string? ContentType { get; init; }
        public string? Headers { get; init; }
    }
}
