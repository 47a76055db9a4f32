using System.Data.Common;

namespace Ledgerline.Realtime;

/// <summary>
/// Once a second, while streams are open: asks in one query whether other nodes have written something for their accounts, rings
/// those whose heartbeat or end is due, and cuts off readers that do not read.
/// </summary>
internal sealed class StreamTicker(StreamHub hub, EventLog events, TimeProvider clock, ILogger<StreamTicker> log) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>So many ticks a reader may take for one write.</summary>
    private const int Patience = 30;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(Pause, clock);
        var failing = false;
        while (await ticks.WaitForNextTickAsync(stoppingToken))
        {
            if (hub.Count == 0)
            {
                continue;
            }

            Nudge(clock.GetUtcNow());
            try
            {
                await Look(stoppingToken);
                failing = false;
            }
            catch (DbException failure)
            {
                if (!failing)
                {
                    log.LogWarning("Live events of other nodes wait: the database does not answer ({Failure})", failure.GetType().Name);
                }

                failing = true;
            }
        }
    }

    private async Task Look(CancellationToken stop)
    {
        foreach (var (account, last) in await events.Lasts(hub.Accounts, stop))
        {
            hub.Wake(account, last);
        }
    }

    private void Nudge(DateTimeOffset now)
    {
        foreach (var stream in hub.All)
        {
            if (stream.TicksInWrite() >= Patience)
            {
                log.LogInformation("A live event stream was cut: its reader did not read for {Seconds} s", Patience);
                stream.Abort();
            }
            else if (stream.IsQuietSince(now - stream.Style.Heartbeat) || stream.Account.ExpiresAt <= now)
            {
                stream.Nudge();
            }
        }
    }
}
