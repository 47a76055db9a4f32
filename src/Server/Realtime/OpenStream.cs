using System.IO.Pipelines;
using Ledgerline.Http;

namespace Ledgerline.Realtime;

/// <summary>
/// One reader's stream as others on this node see it: they ring, it looks for itself what is new. Nothing is queued here, so a
/// reader who does not read costs no memory; and while nothing happens it is no more than this object.
/// </summary>
internal sealed class OpenStream(AccountStreams siblings, CurrentAccount account, StreamStyle style, StreamTurns turns, HttpContext context, DateTimeOffset openedAt)
    : ILongAnswer, IDisposable
{
    private const int Resting = 0;
    private const int Rung = 1;
    private const int Busy = 2;

    private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration leaving;
    private Dictionary<LiveText, int>? shown;
    private long lastWrite = openedAt.UtcTicks;
    private long writing;
    private long seenWriting;
    private int ticksInWrite;
    private long position = long.MaxValue;
    private long heard;
    private volatile bool closed;
    private int news = 1;

    // Busy from the beginning, with what its handler does.
    private int state = Busy;

    public AccountStreams Siblings { get; } = siblings;

    public CurrentAccount Account { get; } = account;

    public StreamStyle Style { get; } = style;

    public PipeWriter Body => context.Response.BodyWriter;

    /// <summary>The reader has left.</summary>
    public CancellationToken Gone => context.RequestAborted;

    /// <summary>While it is open, texts that other nodes write are shown too.</summary>
    public IDisposable? Listening { get; set; }

    /// <summary>The number of the last event sent; nothing is missing before it.</summary>
    public long Position
    {
        get => Volatile.Read(ref position);
        set => Volatile.Write(ref position, value);
    }

    /// <summary>The highest number that the account's events are known to have reached.</summary>
    public long Heard => Volatile.Read(ref heard);

    public bool IsClosed => closed;

    /// <summary>Cuts the connection.</summary>
    public void Abort() => context.Abort();

    public void Wake()
    {
        Volatile.Write(ref news, 1);
        Nudge();
    }

    /// <summary>The account's events have reached this number.</summary>
    public void Hear(long last)
    {
        for (var known = Heard; known < last;)
        {
            var before = Interlocked.CompareExchange(ref heard, last, known);
            known = before == known ? last : before;
        }
    }

    public void Close()
    {
        closed = true;
        Nudge();
    }

    /// <summary>Rings without news: it is time for a heartbeat.</summary>
    public void Nudge()
    {
        if (Interlocked.Or(ref state, Rung) == Resting)
        {
            Siblings.Queue();
        }
    }

    /// <summary>Does what it was rung for, if it was and nobody is at it.</summary>
    public void TakeTurns()
    {
        if (Interlocked.CompareExchange(ref state, Busy, Rung) == Rung)
        {
            _ = turns.Run(this);
        }
    }

    /// <summary>False when somebody has rung since the turn began: then there is another one.</summary>
    public bool Rests()
    {
        if (Interlocked.CompareExchange(ref state, Resting, Busy) == Busy)
        {
            return true;
        }

        Interlocked.Exchange(ref state, Busy);
        return false;
    }

    /// <summary>After its last turn.</summary>
    public void End(Exception? failure = null)
    {
        Dispose();
        if (failure is null)
        {
            ended.TrySetResult();
        }
        else
        {
            ended.TrySetException(failure);
        }
    }

    Task ILongAnswer.Run()
    {
        // Who has gone rings too, so that nobody has to listen for it at each wait.
        leaving = Gone.UnsafeRegister(static one => ((OpenStream)one!).Close(), this);
        _ = turns.Run(this);
        return ended.Task;
    }

    public void Dispose()
    {
        leaving.Unregister();
        Siblings.Hub.Remove(this);
        Listening?.Dispose();
    }

    /// <summary>
    /// What has been written since the last time of those of these texts that it already shows, each as an event of its own: what
    /// happened since comes after it. Only the stream itself asks.
    /// </summary>
    public IEnumerable<string> MoreOf(IReadOnlyList<LiveText> texts)
    {
        if (shown is not null)
        {
            foreach (var over in shown.Keys.Except(texts).ToList())
            {
                shown.Remove(over);
            }
        }

        return shown is null ? [] : texts.Where(shown.ContainsKey).Select(NextOf).OfType<string>();
    }

    /// <summary>
    /// The beginnings of those that it does not show yet: what happened before comes before it. A complete one is not begun any more,
    /// as the event that has all of it may have been shown.
    /// </summary>
    public IEnumerable<string> BeginningsOf(IReadOnlyList<LiveText> texts) =>
        texts.Count == 0 ? [] : texts.Where(text => shown?.ContainsKey(text) != true && !text.IsComplete).Select(NextOf).OfType<string>();

    /// <summary>True once after each <see cref="Wake"/>, and at the beginning.</summary>
    public bool TakeNews() => Interlocked.Exchange(ref news, 0) == 1;

    public bool IsQuietSince(DateTimeOffset time) => Volatile.Read(ref lastWrite) <= time.UtcTicks;

    /// <summary>For the ticker: for how many of its ticks the reader has not taken what is being written now.</summary>
    public int TicksInWrite()
    {
        var now = Volatile.Read(ref writing);
        ticksInWrite = now % 2 == 1 && now == seenWriting ? ticksInWrite + 1 : 0;
        seenWriting = now;
        return ticksInWrite;
    }

    // Odd while a write runs.
    public void BeginWrite() => Interlocked.Increment(ref writing);

    public void EndWrite(DateTimeOffset now)
    {
        Interlocked.Increment(ref writing);
        Volatile.Write(ref lastWrite, now.UtcTicks);
    }

    private string? NextOf(LiveText text)
    {
        var from = shown?.GetValueOrDefault(text) ?? 0;
        if (text.After(from) is not { Length: > 0 } part)
        {
            return null;
        }

        (shown ??= [])[text] = from + part.Length;
        return text.Part(from, part);
    }
}
