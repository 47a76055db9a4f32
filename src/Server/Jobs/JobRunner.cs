using Ledgerline.Kernel;
using Ledgerline.Persistence;

namespace Ledgerline.Jobs;

/// <summary>
/// Works off due jobs on this node, several at a time: each pool has places of its own, so that slow jobs of one kind never keep others
/// waiting. Lets running ones finish when the node shuts down.
/// </summary>
internal sealed class JobRunner(
    JobQueue queue, Listeners listeners, JobSignal signal, IServiceProvider services, Leases leases, Ids ids, TimeProvider clock,
    ILogger<JobRunner> log)
    : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Leases.Lease life = leases.New();
    private readonly JobsInHand inHand = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(listeners.Pools.Select(pool => Work(pool.Key, pool.Value, stoppingToken)).Append(KeepHouse(stoppingToken)));
        await life.DisposeAsync();
    }

    private async Task Work(string pool, int atOnce, CancellationToken stop)
    {
        // Not in the start of the host.
        await Task.Yield();
        var places = signal.Places.Open(pool, atOnce, life.Ticket, (places, job) => Begin(pool, job, places));
        var isKnown = false;
        while (!stop.IsCancellationRequested)
        {
            var looked = clock.GetUtcNow();
            try
            {
                var free = await places.Free(stop);
                var claimed = await queue.Claim(life.Ticket, pool, free, isKnown, stop);
                places.IsBehind = claimed.Count == free;
                foreach (var job in claimed)
                {
                    inHand.Take(job.Id);
                }

                foreach (var job in claimed)
                {
                    await places.Take();
                    Begin(pool, job, places);
                }

                isKnown = false;
                // The clock may have gone on while the database was asked.
                if (claimed.Count == 0 && looked + Pause - clock.GetUtcNow() is var rest && rest > TimeSpan.Zero)
                {
                    isKnown = await signal.Wait(pool, rest, clock, stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                break;
            }
            catch (Exception failure)
            {
                await Complain(pool, failure, stop);
            }
        }

        await places.Close();
    }

    private async Task KeepHouse(CancellationToken stop)
    {
        await Task.Yield();
        while (!stop.IsCancellationRequested)
        {
            try
            {
                var looked = clock.GetUtcNow();
                foreach (var pool in await queue.Recover(stop))
                {
                    signal.Wake(pool);
                }

                await queue.Recur(stop);
                if (inHand.Any)
                {
                    await queue.Renew(life.Ticket, stop);
                }

                await GiveBackStrays(stop);
                if (looked + Pause - clock.GetUtcNow() is var rest && rest > TimeSpan.Zero)
                {
                    await Task.Delay(rest, clock, stop);
                }
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                await Complain(KnownJob.CommonPool, failure, stop);
            }
        }
    }

    private async Task GiveBackStrays(CancellationToken stop)
    {
        foreach (var id in inHand.Strays(await queue.ClaimedBy(life.Ticket, stop)))
        {
            if (await queue.GiveBack(life.Ticket, id, stop) is { } pool)
            {
                log.LogWarning("Job {JobId} was claimed and is not worked on; it is given back", id);
                signal.Wake(pool);
            }
        }
    }

    private async Task Complain(string pool, Exception failure, CancellationToken stop)
    {
        log.LogError(failure, "The job runner could not reach the database and tries again");
        await signal.Wait(pool, Pause, clock, stop).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private void Begin(string pool, JobRow job, JobPlaces.Pool places)
    {
        inHand.Take(job.Id);
        _ = RunIn(pool, job, places);
    }

    private async Task RunIn(string pool, JobRow job, JobPlaces.Pool places)
    {
        try
        {
            await Task.Run(() => RunOne(job));
        }
        finally
        {
            inHand.Leave(job.Id);
            places.Leave();
            // The next one of its lane may be waiting for it.
            signal.Wake(pool);
        }
    }

    private async Task RunOne(JobRow job)
    {
        var known = listeners.Find(job.Kind);
        var style = known?.Style ?? JobStyle.Common;
        var attempt = new JobAttempt(job, style);
        try
        {
            if (known is null)
            {
                throw new InvalidOperationException($"No listener is registered for job {job.Kind}.");
            }

            // One run more is for those that can say what becomes of their work.
            if (attempt.IsHopeless && (!known.KnowsAttempts || job.Crashes > style.Crashes))
            {
                throw new HopelessJob(job.Crashes);
            }

            await known.Run(services, job.Payload, attempt, CancellationToken.None);
            if (!attempt.IsDone)
            {
                await queue.Finish(job.Id, CancellationToken.None);
            }
        }
        catch (Exception failure)
        {
            log.LogWarning(failure, "Job {JobId} {JobKind} failed at attempt {Attempt}", job.Id, job.Kind, attempt.Number);
            await PutOff(job, attempt, style, failure);
        }
    }

    private async Task PutOff(JobRow job, JobAttempt attempt, JobStyle style, Exception failure)
    {
        try
        {
            var wait = style.Wait(attempt.Number, ids.Below(1000));
            if (failure is IRetryHint { RetryAfter: { } least } && least > wait)
            {
                wait = least;
            }

            await queue.Fail(job, failure.GetType().Name, attempt.IsLast, wait, CancellationToken.None);
        }
        catch (Exception second)
        {
            // It is given back as one that nobody works on.
            log.LogWarning(second, "Job {JobId} could not be put off", job.Id);
        }
    }
}

/// <summary>Whoever runs this job dies: nobody runs it any more.</summary>
internal sealed class HopelessJob(int crashes) : Exception($"{crashes} runs of it ended with their node.");
