using System.Buffers;
using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>What the person says while the line to the model is being made: two seconds at most, the oldest goes first.</summary>
internal sealed class CallerBacklog
{
    private const int MostBytes = 2 * 8000;

    private readonly Queue<(byte[] Text, int Length, int Bytes)> waiting = new();
    private int bytes;

    public long Dropped { get; private set; }

    /// <param name="length">Of the decoded audio.</param>
    public void Add(ReadOnlySpan<byte> base64, int length)
    {
        var copy = ArrayPool<byte>.Shared.Rent(base64.Length);
        base64.CopyTo(copy);
        waiting.Enqueue((copy, base64.Length, length));
        bytes += length;
        while (bytes > MostBytes && waiting.TryDequeue(out var oldest))
        {
            bytes -= oldest.Bytes;
            Dropped++;
            ArrayPool<byte>.Shared.Return(oldest.Text);
        }
    }

    /// <summary>In order, to whoever listens from now on.</summary>
    public void Drain(IVoiceSession session)
    {
        while (waiting.TryDequeue(out var next))
        {
            session.Append(next.Text.AsSpan(0, next.Length));
            ArrayPool<byte>.Shared.Return(next.Text);
        }

        bytes = 0;
    }
}
