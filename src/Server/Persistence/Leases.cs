using System.Collections.Concurrent;
using System.Data.Common;
using Ledgerline.Kernel;

namespace Ledgerline.Persistence;

/// <summary>
/// Rights that stand in a row each, for a short while, and are renewed for as long as their holder lives: nobody waits long for
/// somebody who died, and nobody takes what the living are at.
/// </summary>
public sealed class Leases(Ids ids, TimeProvider clock, ILogger<Leases> log)
{
    /// <summary>How long a right outlives its last renewal.</summary>
    public static readonly TimeSpan Length = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(2.5);

    // Of this process, however many nodes run in it: a clock that jumps, or a database that is away, takes nothing from them.
    private static readonly ConcurrentDictionary<string, bool> Held = new();

    /// <summary>A ticket of our own, to be written into the row that gives the right.</summary>
    public Lease New()
    {
        var ticket = $"{ids.Secret(12)}{ProcessMark.Own}";
        Held[ticket] = true;
        return new Lease(this, ticket);
    }

    /// <summary>Until when a right lasts that is given or renewed now.</summary>
    public DateTimeOffset Until => clock.GetUtcNow() + Length;

    /// <summary>Whether the holder of this ticket is gone: at once where that can be seen, else when the right is over.</summary>
    public bool IsFree(string ticket, DateTimeOffset until) => !Held.ContainsKey(ticket) && (until < clock.GetUtcNow() || ProcessMark.IsOfDead(ticket));

    /// <summary>A right that somebody of this process has. Whoever ends it gives the row free first, so that nobody comes in between.</summary>
    public sealed class Lease(Leases leases, string ticket) : IAsyncDisposable
    {
        private readonly CancellationTokenSource ended = new(), lost = new();
        private Task beating = Task.CompletedTask;
        private Func<bool>? goesOn;

        public string Ticket => ticket;

        /// <summary>Somebody else has the right now: whoever works on it stops.</summary>
        public CancellationToken Lost => lost.Token;

        /// <summary>Renews the right from now on.</summary>
        /// <param name="renew">Writes the new end into the row of this ticket. False when there is none any more.</param>
        public void Renew(Func<DateTimeOffset, Task<bool>> renew) => beating = Task.Run(() => KeepBeating(renew));

        /// <summary>Renews it no more: what is written into the row from here on stays.</summary>
        public async Task Rest()
        {
            await ended.CancelAsync();
            await beating;
        }

        /// <summary>The work goes on though its caller ends: so does the right, while this says so.</summary>
        public void Leave(Func<bool> whileTrue)
        {
            goesOn = whileTrue;
            if (beating.IsCompleted)
            {
                End();
            }
        }

        public async ValueTask DisposeAsync()
        {
            if (goesOn is null)
            {
                await Rest();
                End();
            }
        }

        private async Task KeepBeating(Func<DateTimeOffset, Task<bool>> renew)
        {
            while (await Waited())
            {
                if (goesOn?.Invoke() == false)
                {
                    End();
                    return;
                }

                try
                {
                    if (!await renew(leases.Until))
                    {
                        await lost.CancelAsync();
                        if (goesOn is not null)
                        {
                            End();
                        }

                        return;
                    }
                }
                catch (Exception failure) when (failure is DbException or TimeoutException or IOException)
                {
                    leases.Log(failure);
                }
            }
        }

        private async Task<bool> Waited()
        {
            await Task.Delay(Beat, leases.Clock, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return !ended.IsCancellationRequested;
        }

        private void End()
        {
            Held.TryRemove(ticket, out _);
            ended.Dispose();
            lost.Dispose();
        }
    }

    private TimeProvider Clock => clock;

    private void Log(Exception failure) => log.LogWarning("A right could not be renewed and is tried again: {Failure}", failure.GetType().Name);
}
