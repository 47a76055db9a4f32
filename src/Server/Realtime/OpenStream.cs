using System.Threading.Tasks.Sources;
using Ledgerline.Http;

namespace Ledgerline.Realtime;

/// <summary>
/// One reader's stream as others on this node see it: they ring, it looks for itself what is new. Nothing is queued here, so a
/// reader who does not read costs no memory.
/// </summary>
/// <param name="abort">Cuts the connection.</param>
internal sealed class OpenStream(CurrentAccount account, StreamStyle style, DateTimeOffset openedAt, Action abort) : IValueTaskSource
{
    private Dictionary<LiveText, int>? shown;
    // The bell, in place: there are many streams, and an object for each would be most of what they take.
    private ManualResetValueTaskSourceCore<bool> bell = new() { RunContinuationsAsynchronously = true };
    private readonly Lock gate = new();
    private bool isRung;
    private bool isAwaited;
    private long lastWrite = openedAt.UtcTicks;
    private long writing;
    private long seenWriting;
    private int ticksInWrite;
    private long position = long.MaxValue;
    private long heard;
    private volatile bool closed;
    private int news = 1;

    public CurrentAccount Account { get; } = account;

    public StreamStyle Style { get; } = style;

    /// <summary>The number of the last event sent; nothing is missing before it.</summary>
    public long Position
    {
        get => Volatile.Read(ref position);
        set => Volatile.Write(ref position, value);
    }

    /// <summary>The highest number that the account's events are known to have reached.</summary>
    public long Heard
    {
        get
        {
            lock (gate)
            {
                return heard;
            }
        }
    }

    public bool IsClosed => closed;

    public void Abort() => abort();

    public void Wake()
    {
        Volatile.Write(ref news, 1);
        Nudge();
    }

    /// <summary>The account's events have reached this number.</summary>
    public void Hear(long last)
    {
        lock (gate)
        {
            heard = Math.Max(heard, last);
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
        lock (gate)
        {
            if (!isAwaited)
            {
                isRung = true;
                return;
            }

            isAwaited = false;
        }

        bell.SetResult(true);
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
        texts.Where(text => shown?.ContainsKey(text) != true && !text.IsComplete).Select(NextOf).OfType<string>();

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

    /// <summary>Until somebody rings, or at once when somebody has rung since the last time. Only the stream itself waits.</summary>
    public ValueTask Rung()
    {
        lock (gate)
        {
            if (isRung)
            {
                isRung = false;
                return ValueTask.CompletedTask;
            }

            bell.Reset();
            isAwaited = true;
            return new ValueTask(this, bell.Version);
        }
    }

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

    void IValueTaskSource.GetResult(short token) => bell.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => bell.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        bell.OnCompleted(continuation, state, token, flags);

    // Odd while a write runs.
    public void BeginWrite() => Interlocked.Increment(ref writing);

    public void EndWrite(DateTimeOffset now)
    {
        Interlocked.Increment(ref writing);
        Volatile.Write(ref lastWrite, now.UtcTicks);
    }
}
