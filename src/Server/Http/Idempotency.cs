using System.Data.Common;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ledgerline.Http;

/// <summary>The right to answer a key's first request; <see cref="Idempotency.Keep"/> it in the transaction of the effect.</summary>
public sealed record IdempotencyTicket(AccountId Account, string Method, string Path, string Key, string Ticket);

/// <summary>
/// Same key, same answer, one effect: for every paid POST. The answer is stored in the transaction that moves the money, so a
/// crash leaves both or neither.
/// </summary>
public sealed class Idempotency(Database database, Ids ids, TimeProvider clock, IOptions<JsonOptions> json)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    // Longer than any paid request may take.
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(3);

    private const string One = "account_id = @Account AND method = @Method AND path = @Path AND idempotency_key = @Key";

    /// <summary>
    /// Runs the work unless its key was used before. Without the header the work simply runs, with no ticket.
    /// </summary>
    /// <param name="fingerprint">Of the parsed content, not of the raw body: a repeated upload has another boundary.</param>
    public async Task<IResult> Run(
        HttpContext context, AccountId account, string fingerprint, Func<IdempotencyTicket?, Task<IResult>> work)
    {
        if (!context.Request.Headers.TryGetValue(Header, out var header))
        {
            return await work(null);
        }

        var key = header.ToString();
        if (key.Length is < 1 or > 255 || key.Any(c => c is < '!' or > '~'))
        {
            throw new Invalid("header", Header, "Idempotency-Key must be 1 to 255 visible ASCII characters");
        }

        var ticket = new IdempotencyTicket(account, context.Request.Method, context.Request.Path.Value!.TrimEnd('/'), key, ids.Secret(12));
        if (await Begin(ticket, fingerprint) is { } before)
        {
            return before;
        }

        try
        {
            var answer = await work(ticket);
            var (status, value) = Read(answer);
            await (status is StatusCodes.Status401Unauthorized or StatusCodes.Status429TooManyRequests or >= 500
                ? Free(ticket)
                : database.Write(transaction => Keep(transaction, ticket, status, value)));
            return answer;
        }
        catch (StillRunning)
        {
            // The key stays taken until what it began has ended and its answer is kept, or until its lease is over.
            throw;
        }
        catch
        {
            await FreeIfPossible(ticket);
            throw;
        }
    }

    // The database may be what failed. Then the key is free when its lease is over, and the first failure is what is told.
    private async Task FreeIfPossible(IdempotencyTicket ticket)
    {
        try
        {
            await Free(ticket);
        }
        catch (Exception failure) when (failure is DbException or TimeoutException)
        {
        }
    }

    /// <summary>Stores the answer with the effect. The first answer stays: keeping again changes nothing.</summary>
    public Task Keep(Transaction transaction, IdempotencyTicket ticket, int status, object? value) => transaction.Execute(
        $"UPDATE idempotency_keys SET status = @status, body = @body WHERE {One} AND ticket = @Ticket AND status IS NULL",
        new { ticket.Account, ticket.Method, ticket.Path, ticket.Key, ticket.Ticket, status, body = JsonSerializer.Serialize(value, json.Value.SerializerOptions) });

    private Task Free(IdempotencyTicket ticket) => database.Write(transaction => transaction.Execute(
        $"DELETE FROM idempotency_keys WHERE {One} AND ticket = @Ticket AND status IS NULL", ticket));

    // Null when the ticket is ours.
    private Task<IResult?> Begin(IdempotencyTicket ticket, string fingerprint) => database.Write<IResult?>(async transaction =>
    {
        var now = clock.GetUtcNow();
        var row = await transaction.Maybe<Row>(
            $"""
            INSERT INTO idempotency_keys (account_id, method, path, idempotency_key, fingerprint, ticket, lease_until, created_at)
            VALUES (@Account, @Method, @Path, @Key, @fingerprint, @Ticket, @lease, @now)
            ON CONFLICT (account_id, method, path, idempotency_key) DO UPDATE SET ticket = excluded.ticket, lease_until = excluded.lease_until
            WHERE idempotency_keys.status IS NULL AND idempotency_keys.lease_until < @now AND idempotency_keys.fingerprint = excluded.fingerprint
            RETURNING fingerprint, status, body
            """,
            new { ticket.Account, ticket.Method, ticket.Path, ticket.Key, ticket.Ticket, fingerprint, lease = now + Lease, now });
        if (row is not null)
        {
            return null;
        }

        row = await transaction.One<Row>($"SELECT fingerprint, status, body FROM idempotency_keys WHERE {One}", ticket);
        return row switch
        {
            _ when row.Fingerprint != fingerprint =>
                new Refusal(StatusCodes.Status422UnprocessableEntity, "Idempotency-Key was already used with a different request"),
            { Status: null } => new Refusal(StatusCodes.Status409Conflict, "A request with this Idempotency-Key is still being processed"),
            _ => new Replay(row.Status.Value, row.Body!),
        };
    });

    private static (int Status, object? Value) Read(IResult answer)
    {
        while (answer is INestedHttpResult nested)
        {
            answer = nested.Result;
        }

        return ((answer as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK, (answer as IValueHttpResult)?.Value);
    }

    private sealed class Replay(int status, string body) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = status;
            httpContext.Response.Headers[ReplayedHeader] = "true";
            httpContext.Response.ContentType = "application/json; charset=utf-8";
            return httpContext.Response.WriteAsync(body, httpContext.RequestAborted);
        }
    }

    private sealed class Row
    {
        public required string Fingerprint { get; init; }
        public int? Status { get; init; }
        public string? Body { get; init; }
    }
}
