namespace Ledgerline.Calls.Bridge;

/// <summary>So much of an item was heard when it was cut, and so much was not.</summary>
internal readonly record struct Heard(string Item, long PlayedMs, long MissedMs);

/// <summary>
/// What was sent to the phone, and what of it was heard. The carrier buffers whatever it is sent, so only two things tell: the marks that
/// come back when all before them was played, and the stream's own clock. Everything is told by whichever says less. No clock of ours.
/// </summary>
internal sealed class Playback
{
    /// <summary>Speech in the first moments of an answer does not interrupt it.</summary>
    public const long GuardMs = 300;

    private const long BytesPerMs = 8;

    // A carrier that never sends a mark back has still played what it was sent.
    private const long LateMarkMs = 2000;

    // After a clear the marks come back at once, or not at all.
    private const long ForgottenMs = 1000;

    private readonly Queue<long> marks = new();
    private readonly List<Part> parts = [];
    private long now;
    private long end;
    private long sent;
    private long played;
    private long before;
    private int forgotten;
    private long forgottenUntil;

    /// <summary>Milliseconds of the stream: the latest timestamp that came with media.</summary>
    public long Now => now;

    /// <summary>Something of what was sent has not been heard yet.</summary>
    public bool IsPlaying => sent > played;

    /// <summary>Of what was sent; by the marks alone, so rather more than less.</summary>
    public long QueuedMs => (sent - played) / BytesPerMs;

    /// <summary>In all.</summary>
    public long PlayedMs => (before + played) / BytesPerMs;

    public int Interruptions { get; private set; }

    /// <summary>When all that was sent will have been played, if the carrier plays without a pause.</summary>
    public long EndMs => end;

    /// <summary>Media came with this timestamp; a smaller one than before says nothing.</summary>
    public void Advance(long timestamp)
    {
        now = Math.Max(now, timestamp);
        if (IsPlaying && now > end + LateMarkMs)
        {
            Finish();
        }
    }

    /// <summary>Audio of an item came from the model. Answers when its first sound can be heard.</summary>
    public long Receive(string item, int bytes)
    {
        if (parts.Count == 0 || parts[^1].Item != item)
        {
            parts.Add(new Part(item, sent, Math.Max(end, now)));
        }

        parts[^1].Received += bytes;
        return parts[^1].StartMs;
    }

    /// <summary>Audio of the item that was received last goes to the phone.</summary>
    public void Send(int bytes)
    {
        sent += bytes;
        end = Math.Max(end, now) + bytes / BytesPerMs;
    }

    /// <summary>A mark goes to the phone, behind everything that was sent.</summary>
    public void Mark() => marks.Enqueue(sent);

    /// <summary>A mark came back.</summary>
    public void Return()
    {
        if (forgotten > 0 && now <= forgottenUntil)
        {
            forgotten--;
            return;
        }

        forgotten = 0;
        if (!marks.TryDequeue(out var position))
        {
            return;
        }

        played = position;
        // What the model adds to an item that was played already would be a new part of it.
        while (parts.Count > 1 && parts[1].Start <= played)
        {
            parts.RemoveAt(0);
        }

        if (!IsPlaying)
        {
            end = Math.Min(end, now);
        }
    }

    /// <summary>
    /// The person speaks. Null: nothing is to be interrupted. Else the phone is to be cleared, and the model told of each item that was not
    /// heard to its end how much of it was.
    /// </summary>
    public IReadOnlyList<Heard>? Interrupt()
    {
        var first = parts.FindIndex(part => part.End(this) > played);
        return IsPlaying && first >= 0 && now - parts[first].StartMs >= GuardMs ? Cut() : null;
    }

    /// <summary>Whatever is on the way to the phone's ear is given up, without asking for how long it has been.</summary>
    public IReadOnlyList<Heard> Cut()
    {
        var heard = parts.Where(part => part.End(this) > played).Select(part => HeardOf(part)).ToList();
        before += played;
        (forgotten, forgottenUntil) = (now <= forgottenUntil ? forgotten + marks.Count : marks.Count, now + ForgottenMs);
        marks.Clear();
        parts.Clear();
        (sent, played, end) = (0, 0, now);
        Interruptions++;
        return heard;
    }

    private Heard HeardOf(Part part)
    {
        var byMarks = (Math.Max(part.Start, Math.Min(played, part.End(this))) - part.Start) / BytesPerMs;
        var received = part.Received / BytesPerMs;
        var heard = Math.Max(0, Math.Min(Math.Min(now - part.StartMs, byMarks), received));
        return new Heard(part.Item, heard, received - heard);
    }

    private void Finish()
    {
        // Those marks may still come, and must not be taken for later ones.
        (forgotten, forgottenUntil) = (marks.Count, now + ForgottenMs);
        marks.Clear();
        played = sent;
        parts.RemoveRange(0, parts.Count - 1);
        end = Math.Min(end, now);
    }

    /// <summary>A stretch of one item without a gap.</summary>
    private sealed class Part(string item, long start, long startMs)
    {
        public string Item { get; } = item;

        /// <summary>Its first byte among all that were sent.</summary>
        public long Start { get; } = start;

        /// <summary>When its first byte could be heard.</summary>
        public long StartMs { get; } = startMs;

        public long Received { get; set; }

        public long End(Playback playback)
        {
            var next = playback.parts.IndexOf(this) + 1;
            return next < playback.parts.Count ? playback.parts[next].Start : playback.sent;
        }
    }
}
