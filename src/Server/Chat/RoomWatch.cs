using System.Collections.Concurrent;

namespace Ledgerline.Chat;

/// <summary>
/// Calls off what is written for a room that is deleted meanwhile, on whichever node: once a second there is one look at all rooms that are
/// written for.
/// </summary>
internal sealed class RoomWatch : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ReplyContexts rooms;
    private readonly ILogger<RoomWatch> log;
    private readonly ITimer ticker;
    private readonly ConcurrentDictionary<Watched, RoomKey> open = new();
    private int looking;

    public RoomWatch(ReplyContexts rooms, TimeProvider clock, ILogger<RoomWatch> log)
    {
        (this.rooms, this.log) = (rooms, log);
        ticker = clock.CreateTimer(_ => Look(), null, Pause, Pause);
    }

    /// <summary>Watches a room while something is written for it.</summary>
    public Watched Begin(RoomKey room)
    {
        var watched = new Watched(this);
        open[watched] = room;
        return watched;
    }

    public void Dispose() => ticker.Dispose();

    private void Look()
    {
        if (!open.IsEmpty && Interlocked.Exchange(ref looking, 1) == 0)
        {
            _ = LookAll();
        }
    }

    private async Task LookAll()
    {
        try
        {
            await Task.WhenAll(open.GroupBy(one => one.Value, one => one.Key).Select(Look));
        }
        catch (Exception failure)
        {
            log.LogWarning(failure, "Nobody knows which rooms are deleted; it is looked again");
        }
        finally
        {
            Interlocked.Exchange(ref looking, 0);
        }
    }

    private async Task Look(IGrouping<RoomKey, Watched> written)
    {
        if (await rooms.PaysIn(written.Key.Account, written.Key.Room, CancellationToken.None) is null)
        {
            foreach (var one in written)
            {
                one.CallOff();
            }
        }
    }

    /// <summary>Something that is being written for a room.</summary>
    internal sealed class Watched(RoomWatch watch) : IDisposable
    {
        private readonly CancellationTokenSource gone = new();

        /// <summary>The room is gone: nobody waits for it any more.</summary>
        public CancellationToken Gone => gone.Token;

        public void CallOff()
        {
            try
            {
                gone.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has ended meanwhile.
            }
        }

        public void Dispose()
        {
            watch.open.TryRemove(this, out _);
            gone.Dispose();
        }
    }
}
