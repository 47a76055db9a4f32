using System.Buffers.Binary;
using System.Diagnostics;

namespace Bench.Media;

/// <summary>
/// 20 ms of µ-law that say when they were sent and the how-manieth they are. What carries audio as it is carries the stamp, so the time of
/// each frame on its way is known, and whether one is missing.
/// </summary>
internal sealed class Stamps
{
    public const int FrameBytes = 160;
    public const int HeadBytes = 24;

    private const ulong FromPhone = 0x70686F6E65202020;
    private const ulong FromModel = 0x6D6F64656C202020;

    private readonly ulong mark;
    private readonly byte[] rest = new byte[FrameBytes];
    private int carried;
    private int expected;

    private Stamps(ulong mark) => this.mark = mark;

    public static Stamps OfPhone() => new(FromPhone);

    public static Stamps OfModel() => new(FromModel);

    /// <summary>Frames that were read.</summary>
    public int Seen { get; private set; }

    /// <summary>Frames between the first and the last that never came.</summary>
    public int Missing { get; private set; }

    /// <summary>The number of the first frame that came; null before it.</summary>
    public int? First { get; private set; }

    /// <summary>Writes the head of a frame.</summary>
    public void Write(Span<byte> frame, int number)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(frame, mark);
        BinaryPrimitives.WriteInt64LittleEndian(frame[8..], Stopwatch.GetTimestamp());
        BinaryPrimitives.WriteInt64LittleEndian(frame[16..], number);
    }

    /// <summary>Reads a stretch of audio, which need not hold whole frames.</summary>
    public void Read(ReadOnlySpan<byte> sound, Latencies? into)
    {
        var now = Stopwatch.GetTimestamp();
        if (carried > 0)
        {
            var more = Math.Min(FrameBytes - carried, sound.Length);
            sound[..more].CopyTo(rest.AsSpan(carried));
            carried += more;
            sound = sound[more..];
            if (carried < FrameBytes)
            {
                return;
            }

            One(rest, now, into);
            carried = 0;
        }

        for (; sound.Length >= FrameBytes; sound = sound[FrameBytes..])
        {
            One(sound, now, into);
        }

        sound.CopyTo(rest);
        carried = sound.Length;
    }

    private void One(ReadOnlySpan<byte> frame, long now, Latencies? into)
    {
        if (BinaryPrimitives.ReadUInt64LittleEndian(frame) != mark)
        {
            return;
        }

        var number = (int)BinaryPrimitives.ReadInt64LittleEndian(frame[16..]);
        First ??= number;
        if (Seen > 0 && number > expected)
        {
            Missing += number - expected;
        }

        expected = number + 1;
        Seen++;
        into?.Add(now - BinaryPrimitives.ReadInt64LittleEndian(frame[8..]));
    }
}
