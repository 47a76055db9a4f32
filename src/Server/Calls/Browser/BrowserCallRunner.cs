using System.Collections.Concurrent;
using Ledgerline.Gateway;
using Ledgerline.Persistence;
using Ledgerline.Usage;

namespace Ledgerline.Calls.Browser;

/// <summary>The browsers' conversations that this node looks after.</summary>
internal sealed class BrowserCallRunner(
    Database database, Meter meter, VoiceCalls voices, Leases leases, TimeProvider clock, ILogger<BrowserCallRunner> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<BrowserCallLine, Task> running = new();
    private ITimer? beat;
    private volatile bool stopping;

    /// <summary>Looks after it from now on. False when somebody else does, or it is over.</summary>
    /// <param name="seen">As the caller knows it: whoever has its ticket passes it on.</param>
    /// <param name="change">What is written with it.</param>
    public async Task<bool> Adopt(BrowserCallRow seen, Func<BrowserCallRow, BrowserCallRow> change)
    {
        var lease = leases.New();
        BrowserCallRow? mine;
        try
        {
            mine = stopping ? null : await database.Write<BrowserCallRow?>(async transaction =>
            {
                if (await BrowserCallBook.Lock(transaction, seen.AccountId, seen.Id, CancellationToken.None) is not { } there || there.Ticket != seen.Ticket || there.State != seen.State)
                {
                    return null;
                }

                var adopted = change(there) with { Ticket = lease.Ticket, LeaseUntil = leases.Until, ReviewAt = leases.Until };
                await BrowserCallBook.Save(transaction, adopted, CancellationToken.None);
                return adopted;
            });
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }

        if (mine is null)
        {
            await lease.DisposeAsync();
            return false;
        }

        var line = new BrowserCallLine(mine, lease, database, meter, voices, clock, log);
        running[line] = Task.CompletedTask;
        running[line] = Task.Run(() => Run(line));
        return true;
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        beat = clock.CreateTimer(_ => Tick(), null, Beat, Beat);
        return Task.CompletedTask;
    }

    /// <summary>The conversations go on; other nodes look after them.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        stopping = true;
        foreach (var line in running.Keys)
        {
            line.Stop(BrowserCallEnd.Shutdown);
        }

        await Task.WhenAll(running.Values).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => beat?.Dispose();

    private async Task Run(BrowserCallLine line)
    {
        try
        {
            await line.Run();
        }
        catch (Exception failure)
        {
            // Its lease ends, and somebody takes it over.
            log.LogError(failure, "A browser's conversation is not looked after any more");
        }
        finally
        {
            running.TryRemove(line, out _);
        }
    }

    private void Tick()
    {
        foreach (var line in running.Keys)
        {
            _ = Tick(line);
        }
    }

    private async Task Tick(BrowserCallLine line)
    {
        try
        {
            await line.Tick();
        }
        catch (OperationCanceledException)
        {
            // It has ended meanwhile.
        }
        catch (Exception failure)
        {
            log.LogWarning("A browser's conversation could not be given more time: {Failure}", failure.GetType().Name);
        }
    }
}
