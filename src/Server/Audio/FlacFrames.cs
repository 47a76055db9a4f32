using System.Buffers;

namespace Ledgerline.Audio;

/// <summary>
/// Counts the frames in a stream of FLAC bytes. A header does not say where its frame ends, so frames are told apart by the CRC-16 that closes
/// each (RFC 9639 §9.3): taken over a whole frame it is 0. Where that chain breaks, every header with a valid CRC-8 counts, which can only be more.
/// </summary>
internal sealed class FlacFrames : IDisposable
{
    private const int WindowBytes = 32 * 1024;

    private static readonly ushort[] Crc16 = Crc16Tables();

    private readonly int streamRate;
    private readonly PlayingTime chained = new();
    private readonly PlayingTime every = new();
    private byte[]? window = ArrayPool<byte>.Shared.Rent(WindowBytes);
    private int filled;
    private int summed;
    private ushort crc;
    private ushort lastCrc;
    private bool broken;
    private FlacFrame open;
    private FlacFrame longest;
    private long chainedSamples;
    private long everySamples;

    public FlacFrames(int streamRate) => this.streamRate = streamRate;

    /// <summary>Known at the end: the samples of all frames.</summary>
    public long Samples { get; private set; }

    /// <summary>Known at the end: the bytes end with a whole frame.</summary>
    public bool IsWhole { get; private set; }

    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var taken = Math.Min(bytes.Length, WindowBytes - filled);
            bytes[..taken].CopyTo(window.AsSpan(filled));
            filled += taken;
            bytes = bytes[taken..];
            Search(last: false);
        }
    }

    public PlayingTime End()
    {
        Search(last: true);
        IsWhole = (broken ? lastCrc : crc) == 0;
        if (crc != 0)
        {
            // Where frames are broken, decoders may try two ways to split them and play one of the last frames twice.
            Samples = everySamples;
            Count(every, longest);
            return every;
        }

        Count(chained, open);
        Samples = chainedSamples + open.Samples;
        return chained;
    }

    public void Dispose()
    {
        if (window is not null)
        {
            ArrayPool<byte>.Shared.Return(window);
            window = null;
        }
    }

    /// <summary>Looks at every place that has a whole header ahead of it, or at all that is left when nothing more comes.</summary>
    private void Search(bool last)
    {
        var bytes = window.AsSpan(0, filled);
        var end = last ? filled : Math.Max(0, filled - FlacFrame.LongestHeader);
        var at = 0;
        while (at < end)
        {
            var next = bytes[at..end].IndexOf((byte)0xFF);
            if (next < 0)
            {
                break;
            }

            at += next;
            if (FlacFrame.TryRead(bytes[at..], out var frame))
            {
                Count(every, frame);
                everySamples += frame.Samples;
                longest = frame.Samples > longest.Samples ? frame : longest;
                Sum(bytes[summed..at]);
                summed = at;
                broken = open.Samples > 0 && crc != 0;
                lastCrc = 0;
                if (!broken)
                {
                    Count(chained, open);
                    chainedSamples += open.Samples;
                    open = frame;
                    crc = 0;
                }
            }

            at++;
        }

        Sum(bytes[summed..end]);
        bytes[end..].CopyTo(bytes);
        filled -= end;
        summed = 0;
    }

    private void Count(PlayingTime time, FlacFrame frame)
    {
        if (frame.Samples > 0)
        {
            // Decoders take the rate from the frame or from the stream; the lower one plays longer.
            var rate = frame.SampleRate == 0 ? streamRate : streamRate == 0 ? frame.SampleRate : Math.Min(frame.SampleRate, streamRate);
            Sane.SampleRate(rate);
            time.Add(frame.Samples, rate);
        }
    }

    private void Sum(ReadOnlySpan<byte> bytes)
    {
        if (open.Samples == 0)
        {
            return;
        }

        crc = Sum(crc, bytes);
        lastCrc = broken ? Sum(lastCrc, bytes) : lastCrc;
    }

    private static ushort Sum(ushort sum, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ushort> table = Crc16;
        while (bytes.Length >= 4)
        {
            sum = (ushort)(table[0x300 | (sum >> 8 ^ bytes[0])] ^ table[0x200 | (sum & 0xFF ^ bytes[1])]
                ^ table[0x100 | bytes[2]] ^ table[bytes[3]]);
            bytes = bytes[4..];
        }

        foreach (var b in bytes)
        {
            sum = (ushort)((sum & 0xFF) << 8 ^ table[sum >> 8 ^ b]);
        }

        return sum;
    }

    /// <summary>Polynomial 0x8005, four tables so that four bytes go in one step.</summary>
    private static ushort[] Crc16Tables()
    {
        var table = new ushort[4 * 256];
        for (var i = 0; i < 256; i++)
        {
            var sum = i << 8;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 0x8000) != 0 ? (sum << 1 ^ 0x8005) & 0xFFFF : sum << 1;
            }

            table[i] = (ushort)sum;
        }

        for (var i = 256; i < table.Length; i++)
        {
            var before = table[i - 256];
            table[i] = (ushort)((before & 0xFF) << 8 ^ table[before >> 8]);
        }

        return table;
    }
}
