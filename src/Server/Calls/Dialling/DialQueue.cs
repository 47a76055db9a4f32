using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Calls.Dialling;

/// <summary>
/// Who is next to be dialled on this node: one of each account in turn, so that nobody waits for somebody else's hundred; and not
/// before the carrier may be asked again, by all nodes together.
/// </summary>
internal sealed class DialQueue(Database database, CallOptions options, TimeProvider clock, ILogger<DialQueue> log) : BackgroundService
{
    private readonly Lock gate = new();
    private readonly Dictionary<AccountId, Queue<Turn>> waiting = [];
    private readonly Queue<AccountId> round = new();
    private readonly SemaphoreSlim bell = new(0);

    /// <summary>Returns when it is this account's turn. The turn is used up whether or not something is dialled.</summary>
    public async Task Next(AccountId account, CancellationToken stop)
    {
        if (options.CallsPerSecond == 0)
        {
            return;
        }

        var turn = new Turn();
        lock (gate)
        {
            if (!waiting.TryGetValue(account, out var own))
            {
                waiting[account] = own = new Queue<Turn>();
                round.Enqueue(account);
            }

            own.Enqueue(turn);
        }

        bell.Release();
        using var left = stop.Register(() => turn.Task.TrySetCanceled(stop));
        await turn.Task.Task;
    }

    public override void Dispose()
    {
        bell.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await bell.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stoppingToken.IsCancellationRequested || Take() is not { } turn)
            {
                continue;
            }

            try
            {
                var at = await Ticket(stoppingToken);
                if (at - clock.GetUtcNow() is var wait && wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, clock, stoppingToken);
                }

                // Its client may have gone while it waited; the ticket is lost then, a second at the carrier.
                turn.Task.TrySetResult();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                turn.Task.TrySetCanceled(stoppingToken);
            }
            catch (Exception failure)
            {
                log.LogWarning("No turn to dial could be had: {Failure}", failure.GetType().Name);
                turn.Task.TrySetException(failure);
            }
        }
    }

    // Who has given up is passed over without a ticket.
    private Turn? Take()
    {
        lock (gate)
        {
            while (round.TryDequeue(out var account))
            {
                var own = waiting[account];
                var turn = own.Dequeue();
                if (own.Count > 0)
                {
                    round.Enqueue(account);
                }
                else
                {
                    waiting.Remove(account);
                }

                return turn.Task.Task.IsCompleted ? null : turn;
            }

            return null;
        }
    }

    private async Task<DateTimeOffset> Ticket(CancellationToken stop)
    {
        var (now, step) = (clock.GetUtcNow(), (long)(1000 / options.CallsPerSecond));
        return await database.Write(
            transaction => transaction.One<DateTimeOffset>(
                """
                INSERT INTO dial_pace (id, next_at) VALUES ('carrier', @now + @step)
                ON CONFLICT (id) DO UPDATE SET next_at = CASE WHEN dial_pace.next_at > @now THEN dial_pace.next_at ELSE @now END + @step
                RETURNING next_at - @step
                """,
                new { now = now.ToUnixTimeMilliseconds(), step },
                stop),
            stop);
    }

    private sealed record Turn
    {
        public TaskCompletionSource Task { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
