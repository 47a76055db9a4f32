using Ledgerline.Kernel;

namespace Ledgerline.Jobs;

/// <summary>Works off due jobs on this node, several at a time; lets running ones finish when the node shuts down.</summary>
internal sealed class JobRunner(
    JobQueue queue, Listeners listeners, JobSignal signal, IServiceProvider services, Ids ids, TimeProvider clock, ILogger<JobRunner> log)
    : BackgroundService
{
    private const int AtOnce = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly string node = ids.Secret(9);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var running = new HashSet<Task>();
        var housekeeping = DateTimeOffset.MinValue;
        while (!stoppingToken.IsCancellationRequested)
        {
            var looked = clock.GetUtcNow();
            try
            {
                if (looked >= housekeeping)
                {
                    await queue.Recover(stoppingToken);
                    await queue.Recur(stoppingToken);
                    if (running.Count > 0)
                    {
                        await queue.Renew(node, stoppingToken);
                    }

                    housekeeping = looked + Pause;
                }

                var free = AtOnce - running.Count;
                var claimed = free > 0 ? await queue.Claim(node, free, stoppingToken) : [];
                foreach (var job in claimed)
                {
                    running.Add(Task.Run(() => RunOne(job), CancellationToken.None));
                }

                // The clock may have gone on while the database was asked.
                if (claimed.Count == 0 && looked + Pause - clock.GetUtcNow() is var rest && rest > TimeSpan.Zero)
                {
                    await signal.Wait(rest, clock, stoppingToken);
                }
                else if (running.Count >= AtOnce)
                {
                    await Task.WhenAny(running).WaitAsync(stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                log.LogError(failure, "The job runner could not reach the database and tries again");
                await signal.Wait(Pause, clock, stoppingToken).ContinueWith(_ => { }, TaskScheduler.Default);
            }

            running.RemoveWhere(task => task.IsCompleted);
        }

        await Task.WhenAll(running);
    }

    private async Task RunOne(JobRow job)
    {
        try
        {
            if (listeners.Find(job.Kind) is not { } run)
            {
                throw new InvalidOperationException($"No listener is registered for job {job.Kind}.");
            }

            await run(services, job.Payload, CancellationToken.None);
            await queue.Finish(job.Id, CancellationToken.None);
            signal.Wake();
        }
        catch (Exception failure)
        {
            log.LogWarning(failure, "Job {JobId} {JobKind} failed at attempt {Attempt}", job.Id, job.Kind, job.Attempt);
            try
            {
                await queue.Fail(job, failure.GetType().Name, ids.Below(1000), CancellationToken.None);
            }
            catch (Exception second)
            {
                // Its lease runs out and another attempt follows.
                log.LogWarning(second, "Job {JobId} could not be put off", job.Id);
            }
        }
    }
}
