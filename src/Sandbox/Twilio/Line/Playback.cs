namespace Sandbox.Twilio.Line;

/// <summary>What we sent and the person has not heard yet: played in order, 20 ms at a time, with marks that come back when all before them has sounded.</summary>
internal sealed class Playback
{
    private readonly Queue<byte[]> _pieces = new();
    private readonly Queue<(long At, string Name)> _marks = new();
    private int _taken;
    private long _received;
    private long _played;

    public long WaitingBytes => _received - _played;

    public void Add(byte[] audio)
    {
        if (audio.Length > 0)
        {
            _pieces.Enqueue(audio);
            _received += audio.Length;
        }
    }

    public void Mark(string name) => _marks.Enqueue((_received, name));

    /// <summary>Forgets what has not sounded; its marks are reached with that.</summary>
    public void Clear()
    {
        _pieces.Clear();
        _taken = 0;
        _played = _received;
    }

    /// <summary>The next frame to sound; its length, less than a frame when there is no more, 0 for silence.</summary>
    public int Play(Span<byte> frame)
    {
        var filled = 0;
        while (filled < frame.Length && _pieces.TryPeek(out var piece))
        {
            var length = Math.Min(frame.Length - filled, piece.Length - _taken);
            piece.AsSpan(_taken, length).CopyTo(frame[filled..]);
            filled += length;
            _taken += length;
            if (_taken == piece.Length)
            {
                _pieces.Dequeue();
                _taken = 0;
            }
        }

        _played += filled;
        return filled;
    }

    /// <summary>The next mark before which all has sounded.</summary>
    public string? Reached() => _marks.TryPeek(out var mark) && mark.At <= _played ? _marks.Dequeue().Name : null;
}
