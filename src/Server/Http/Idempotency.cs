using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Ledgerline.Kernel;
using Ledgerline.Persistence;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;

namespace Ledgerline.Http;

/// <summary>The right to answer a key's first request; <see cref="Idempotency.Keep(Transaction, IdempotencyTicket, int, object)"/> it in the transaction of the effect.</summary>
public sealed record IdempotencyTicket(AccountId Account, string Method, string Path, string Key, string Ticket)
{
    /// <summary>Made by us for a client that repeats by itself: only successes are kept, and not for ever.</summary>
    internal bool IsMadeUp { get; init; }

    /// <summary>True once the answer is stored for good.</summary>
    internal bool IsKept { get; set; }
}

/// <summary>
/// Same key, same answer, one effect: for every paid POST. The answer is stored in the transaction that moves the money, so a
/// crash leaves both or neither.
/// </summary>
public sealed class Idempotency(Database database, Leases leases, TimeProvider clock, IOptions<JsonOptions> json)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";

    /// <summary>Sent by OpenAI's libraries, which repeat paid requests by themselves and without a key: 0, then 1, then 2.</summary>
    public const string RetryHeader = "X-Stainless-Retry-Count";

    private const string Json = "application/json; charset=utf-8";

    // Longer than what goes on in the background may take.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromMinutes(30);

    // A library waits ten minutes for an answer before it asks again.
    private static readonly TimeSpan RetryMemory = TimeSpan.FromMinutes(30);

    private readonly IdempotencyStore store = new(database, leases, clock);

    /// <summary>True when the content of the request must be hashed: its answer may be asked for again.</summary>
    public static bool MayRepeat(HttpRequest request) => request.Headers.ContainsKey(Header) || RetryOf(request) is not null;

    /// <summary>
    /// Runs the work unless its key was used before. Without the header the work simply runs, with no ticket.
    /// </summary>
    /// <param name="fingerprint">Of the parsed content, not of the raw body: a repeated upload has another boundary. Only asked for where a key needs it.</param>
    /// <param name="clientRepeats">Whether a request that says of itself that it is a repetition is answered as the one before it.</param>
    public async Task<IResult> Run(
        HttpContext context, AccountId account, Func<string> fingerprint, Func<IdempotencyTicket?, Task<IResult>> work, bool clientRepeats = false)
    {
        if (!MayRepeat(context.Request))
        {
            return await work(null);
        }

        var (method, path) = (context.Request.Method, context.Request.Path.Value!.TrimEnd('/'));
        if (context.Request.Headers.TryGetValue(Header, out var header))
        {
            var key = header.ToString();
            return key.Length is < 1 or > 255 || key.Any(c => c is < '!' or > '~')
                ? throw new Invalid("header", Header, "Idempotency-Key must be 1 to 255 visible ASCII characters")
                : await Run(context, new IdempotencyTicket(account, method, path, key, ""), fingerprint(), isFirst: false, work);
        }

        if (!clientRepeats || RetryOf(context.Request) is not { } retry)
        {
            return await work(null);
        }

        var content = fingerprint();
        // The space keeps it apart from every key that a client can send.
        return await Run(context, new IdempotencyTicket(account, method, path, $"retry {content}", "") { IsMadeUp = true }, content, retry == 0, work);
    }

    /// <summary>Stores the answer with the effect. The first answer stays: keeping again changes nothing.</summary>
    public Task Keep(Transaction transaction, IdempotencyTicket ticket, int status, object? value) =>
        Keep(transaction, ticket, new ExactAnswer(status, Json, JsonSerializer.Serialize(value, json.Value.SerializerOptions)));

    /// <inheritdoc cref="Keep(Transaction, IdempotencyTicket, int, object)"/>
    public Task Keep(Transaction transaction, IdempotencyTicket ticket, ExactAnswer answer)
    {
        transaction.OnCommit(() => ticket.IsKept = true);
        return IdempotencyStore.Keep(transaction, ticket, answer);
    }

    /// <summary>Forgets the answers that were kept for clients that repeat by themselves.</summary>
    internal Task Sweep(CancellationToken stop) => store.Sweep(stop);

    private async Task<IResult> Run(
        HttpContext context, IdempotencyTicket wanted, string fingerprint, bool isFirst, Func<IdempotencyTicket?, Task<IResult>> work)
    {
        await using var lease = leases.New();
        var ticket = wanted with { Ticket = lease.Ticket };
        if (await store.Begin(ticket, fingerprint, isFirst, ticket.IsMadeUp ? RetryMemory : null) is { } before)
        {
            return before;
        }

        lease.Renew(until => store.Renew(ticket, until));
        // Two are never at work: who has lost the right is told so as if the client had gone. A first request takes the key of one
        // that it has nothing to do with.
        await using var loses = ticket.IsMadeUp ? default : lease.Lost.Register(context.Abort);
        try
        {
            var answer = await work(ticket);
            await lease.Rest();
            if (!ticket.IsKept)
            {
                var exact = Read(answer);
                await (answer is not Refusal { IsPassing: true } && Says(ticket, exact.Status)
                    ? database.Write(transaction => Keep(transaction, ticket, exact))
                    : store.Free(ticket));
            }

            return answer;
        }
        catch (StillRunning)
        {
            // The key stays taken until what it began has ended and its answer is kept.
            var began = clock.GetTimestamp();
            lease.Leave(() => !ticket.IsKept && clock.GetElapsedTime(began) < LongestEnd);
            throw;
        }
        catch (TicketLost)
        {
            return IdempotencyStore.Running;
        }
        catch
        {
            await lease.Rest();
            await FreeIfPossible(ticket);
            throw;
        }
    }

    // Whether the status says something about the request rather than about the moment.
    private static bool Says(IdempotencyTicket ticket, int status) => ticket.IsMadeUp
        ? status < 300
        : status is not (StatusCodes.Status401Unauthorized or StatusCodes.Status429TooManyRequests or >= 500);

    // The database may be what failed. Then the key is free when its lease is over, and the first failure is what is told.
    private async Task FreeIfPossible(IdempotencyTicket ticket)
    {
        try
        {
            await store.Free(ticket);
        }
        catch (Exception failure) when (failure is DbException or TimeoutException)
        {
        }
    }

    private static int? RetryOf(HttpRequest request) =>
        int.TryParse(request.Headers[RetryHeader], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    private ExactAnswer Read(IResult answer)
    {
        while (answer is INestedHttpResult nested)
        {
            answer = nested.Result;
        }

        return answer is IExact { Exact: var exact }
            ? exact
            : new ExactAnswer(
                (answer as IStatusCodeHttpResult)?.StatusCode ?? StatusCodes.Status200OK,
                Json,
                JsonSerializer.Serialize((answer as IValueHttpResult)?.Value, json.Value.SerializerOptions));
    }
}
