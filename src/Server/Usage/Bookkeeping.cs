using System.Data.Common;
using System.Threading.Channels;
using Ledgerline.Http;
using Ledgerline.Kernel;

namespace Ledgerline.Usage;

/// <summary>
/// Writes the end of paid work into the books though the database stumbles: some attempts over half a minute, as long as a
/// fail-over takes, while the caller waits; then in the background until it succeeds or the process ends, which tries once more.
/// Whatever is written here must be safe to write twice, because an answer to a commit can get lost.
/// </summary>
public sealed class Bookkeeping(TimeProvider clock, ILogger<Bookkeeping> log) : BackgroundService
{
    /// <summary>So many may wait at once, each with its answer in memory; what comes on top is lost when its hold expires.</summary>
    internal const int MostWaiting = 1000;

    /// <summary>So many failures in a row mean that the database still does not answer.</summary>
    private const int EnoughFailures = 3;

    private static readonly TimeSpan BetweenRounds = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan[] Pauses =
    [
        TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(400), TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8),
        TimeSpan.FromSeconds(16),
    ];

    private readonly Lock gate = new();
    private readonly Queue<Late> waiting = new();
    private readonly Channel<bool> bell = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private bool closed;

    /// <summary>How many ends of paid work are not in the books yet although their callers were told of a failure.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
            {
                return waiting.Count;
            }
        }
    }

    /// <exception cref="StillRunning">It is not written yet and goes on in the background.</exception>
    internal Task<T> Insist<T>(PaidUse use, Func<Task<T>> write) => Insist(use.Action, use.Key, write);

    /// <inheritdoc cref="Insist{T}(PaidUse, Func{Task{T}})"/>
    internal async Task<T> Insist<T>(string action, string key, Func<Task<T>> write)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await write();
            }
            catch (Exception failure) when (IsTrouble(failure))
            {
                if (attempt == Pauses.Length)
                {
                    if (KeepsFor(action, key, write, failure))
                    {
                        throw new StillRunning($"The end of {action} {key} waits for the database.", failure);
                    }

                    throw;
                }

                log.LogWarning("The end of {Action} {Key} could not be booked at attempt {Attempt}: {Failure}", action, key, attempt + 1, failure.GetType().Name);
                await Task.Delay(Pauses[attempt], clock);
            }
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        lock (gate)
        {
            closed = true;
        }

        try
        {
            await Round().WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // There is no more time; what is left is named.
        }

        while (TryTake(out var late))
        {
            Lost(late.Action, late.Key, null, "the process ends");
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await bell.Reader.ReadAsync(stoppingToken))
        {
            while (Waiting > 0)
            {
                await Task.Delay(BetweenRounds, clock, stoppingToken);
                await Round();
            }
        }
    }

    private bool KeepsFor<T>(string action, string key, Func<Task<T>> write, Exception failure)
    {
        lock (gate)
        {
            if (!closed && waiting.Count < MostWaiting)
            {
                waiting.Enqueue(new Late(action, key, async () => await write()));
            }
            else
            {
                Lost(action, key, failure, closed ? "the process ends" : $"{MostWaiting} others wait already");
                return false;
            }
        }

        Telemetry.CountBooking("delayed");
        log.LogError(failure, "The end of {Action} {Key} could not be booked; it is tried again in the background", action, key);
        bell.Writer.TryWrite(true);
        return true;
    }

    /// <summary>Everything that waits once, unless the database is still in trouble.</summary>
    private async Task Round()
    {
        var failures = 0;
        for (var left = Waiting; left > 0 && failures < EnoughFailures && TryTake(out var late); left--)
        {
            failures = await Book(late) ? 0 : failures + 1;
        }
    }

    private async Task<bool> Book(Late late)
    {
        try
        {
            await late.Write();
            Telemetry.CountBooking("booked");
            log.LogWarning("The end of {Action} {Key} is booked at last", late.Action, late.Key);
            return true;
        }
        catch (Exception failure) when (IsTrouble(failure))
        {
            log.LogWarning("The end of {Action} {Key} still cannot be booked: {Failure}", late.Action, late.Key, failure.GetType().Name);
            lock (gate)
            {
                waiting.Enqueue(late);
            }

            return false;
        }
        catch (Exception failure)
        {
            Lost(late.Action, late.Key, failure, "of a fault that waiting does not mend");
            return true;
        }
    }

    private bool TryTake(out Late late)
    {
        lock (gate)
        {
            return waiting.TryDequeue(out late!);
        }
    }

    private void Lost(string action, string key, Exception? failure, string why)
    {
        Telemetry.CountBooking("lost");
        log.LogError(failure, "The end of {Action} {Key} is lost because {Why}: nothing is charged, and its hold goes back when it expires", action, key, why);
    }

    private static bool IsTrouble(Exception failure) => failure is DbException or TimeoutException;

    private sealed record Late(string Action, string Key, Func<Task> Write);
}
