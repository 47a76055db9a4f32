using Ledgerline.Kernel;

namespace Ledgerline.Realtime;

/// <summary>
/// The open streams of one account on this node, and the last events that this node has committed for it: a stream that has everything up
/// to one of them need not look at the rows. Those that were rung take their turns one after another, in one piece of work for all.
/// </summary>
internal sealed class AccountStreams(StreamHub hub, AccountId account) : IThreadPoolWorkItem
{
    private const int MostKept = 32;

    private readonly Lock gate = new();
    private EventRow[] recent = [];
    private int queued;

    public StreamHub Hub { get; } = hub;

    public AccountId Account { get; } = account;

    /// <summary>Changed by the hub alone.</summary>
    public OpenStream[] Open { get; set => Volatile.Write(ref field, value); } = [];

    /// <summary>Adds what was committed; commits of an account may be told in another order than they happened.</summary>
    public void Add(IReadOnlyList<EventRow> events)
    {
        lock (gate)
        {
            EventRow[] known = [.. recent.Concat(events).OrderBy(row => row.Id)];
            Volatile.Write(ref recent, known[Math.Max(0, known.Length - MostKept)..]);
        }
    }

    /// <summary>What follows this number without a gap; empty when this node cannot know. A gap, where another node wrote, is no place to go on from.</summary>
    /// <param name="isAll">This node has committed nothing later.</param>
    public ArraySegment<EventRow> After(long position, out bool isAll)
    {
        var known = Volatile.Read(ref recent);
        var from = 0;
        while (from < known.Length && known[from].Id <= position)
        {
            from++;
        }

        var until = from;
        while (until < known.Length && known[until].Id == position + 1 + until - from)
        {
            until++;
        }

        isAll = until == known.Length;
        return new ArraySegment<EventRow>(known, from, until - from);
    }

    /// <summary>There may be something new for all of them.</summary>
    public void Wake()
    {
        foreach (var stream in Open)
        {
            stream.Wake();
        }
    }

    /// <summary>One of them was rung.</summary>
    public void Queue()
    {
        if (Interlocked.Exchange(ref queued, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref queued, 0);
        foreach (var stream in Open)
        {
            stream.TakeTurns();
        }
    }
}
