using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Ledgerline.Audio;

/// <summary>
/// Decoders look for coded streams inside 16-bit PCM (audio from discs and S/PDIF cables is stored that way) and for other containers inside
/// a headerless MPEG stream. What they find may play a hundred times longer than what it hides in, so such a file is refused.
/// </summary>
internal static class Disguise
{
    private const int SearchedPcmBytes = 256 * 1024;
    private const int SearchedMpegBytes = 1024 * 1024;
    private const int HeaderBytes = 8;

    // LOAS and ADTS have 13 bits for the size of a frame; nothing else comes near.
    private const int LongestStep = 8 * 1024 + 3;

    // In quiet PCM sync words appear by chance, even a few that lead to one another; so many do not.
    private const int ChainAnywhere = 24;
    private const int ChainAtStart = 3;
    private const int Markers = 4;

    // A marker's other bytes lie so far around one of its bytes at most.
    private const int Reach = 3;

    // The bytes that frames begin with; of the second one, MPEG, ADTS and LOAS set the three highest bits.
    private const byte MpegSync = 0xFF;
    private const byte LoasSync = 0x56;
    private const byte Ac3Sync = 0x0B;
    private const byte Ac3Second = 0x77;
    private const byte HighBits = 0xE0;

    // The bit rates of AC-3 in units of 8 kbit/s.
    private static ReadOnlySpan<byte> Ac3Rates => [4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48, 56, 64, 72, 80];

    public static void RefuseInPcm(ByteReader file, long start, long bytes)
    {
        var end = start + Math.Min(bytes, SearchedPcmBytes);
        if (ChainAt(file, start, end) >= ChainAtStart || HasChain(file, start, end, withMpeg: true) || HasMarkers(file, start, end))
        {
            throw AudioFault.Unsupported("The WAV file says PCM, but holds another coded stream.");
        }
    }

    public static void RefuseInMpeg(ByteReader file, long start)
    {
        var end = Math.Min(file.Length, start + SearchedMpegBytes);
        if (HasChain(file, start, end, withMpeg: false) || HasMarkers(file, start, end)
            || ProgramStream.IsLikely(file, start, end) || TransportStream.IsLikely(file, start, end))
        {
            throw AudioFault.Unsupported("The file looks like MPEG audio, but holds another coded stream.");
        }
    }

    /// <summary>How many coded frames follow one another from the first byte that is not zero.</summary>
    private static int ChainAt(ByteReader file, long start, long end)
    {
        file.Position = start;
        while (file.Position < end && file.Ahead(1) is { Length: > 0 } zeros)
        {
            var used = zeros.IndexOfAnyExcept((byte)0);
            file.Position += used < 0 ? zeros.Length : used;
            if (used >= 0)
            {
                break;
            }
        }

        var frames = 0;
        while (frames < ChainAtStart && file.Position < end && FrameBytes(file.Peek(HeaderBytes), withMpeg: true) is > 0 and var step)
        {
            frames++;
            file.Position += step;
        }

        return frames;
    }

    /// <summary>
    /// Whether many coded frames follow one another anywhere: each frame leaves the length of its chain, beside the place where the next one
    /// must begin, in a ring as large as the longest frame.
    /// </summary>
    private static bool HasChain(ByteReader file, long start, long end, bool withMpeg)
    {
        Span<(int Place, int Chain)> ring = stackalloc (int, int)[LongestStep];
        ring.Fill((-1, 0));
        file.Position = start;
        while (file.Position < end && file.Ahead(HeaderBytes) is { Length: >= HeaderBytes } ahead)
        {
            var heads = (int)Math.Min(ahead.Length - HeaderBytes + 1, end - file.Position);
            var at = 0;
            while (NextSync(ahead, at, heads) is >= 0 and var found)
            {
                at = found + 1;
                if (FrameBytes(ahead[found..], withMpeg) is not (> 0 and < LongestStep and var step))
                {
                    continue;
                }

                var place = (int)(file.Position - start) + found;
                ref var here = ref ring[place % LongestStep];
                var chain = here.Place == place ? here.Chain + 1 : 1;
                if (chain >= ChainAnywhere)
                {
                    return true;
                }

                ref var then = ref ring[(place + step) % LongestStep];
                then = (place + step, then.Place == place + step ? Math.Max(then.Chain, chain) : chain);
            }

            file.Position += heads;
        }

        return false;
    }

    /// <summary>
    /// The first place from here on, before <paramref name="to"/>, where the two bytes are there that begin a frame; -1 when there is none.
    /// Quiet speech is full of 0xFF, so both are compared at once.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int NextSync(ReadOnlySpan<byte> bytes, int from, int to)
    {
        for (; to - from >= Vector256<byte>.Count; from += Vector256<byte>.Count)
        {
            var (first, second) = (Vector256.Create(bytes[from..]), Vector256.Create(bytes[(from + 1)..]));
            var isHigh = Vector256.Equals(second & Vector256.Create(HighBits), Vector256.Create(HighBits));
            var found = (isHigh & (Vector256.Equals(first, Vector256.Create(MpegSync)) | Vector256.Equals(first, Vector256.Create(LoasSync))))
                | (Vector256.Equals(first, Vector256.Create(Ac3Sync)) & Vector256.Equals(second, Vector256.Create(Ac3Second)));
            if (found != Vector256<byte>.Zero)
            {
                return from + BitOperations.TrailingZeroCount(found.ExtractMostSignificantBits());
            }
        }

        for (; from < to; from++)
        {
            var (first, second) = (bytes[from], bytes[from + 1]);
            if ((first is MpegSync or LoasSync && (second & HighBits) == HighBits) || (first == Ac3Sync && second == Ac3Second))
            {
                return from;
            }
        }

        return -1;
    }

    /// <summary>The size of the MPEG, ADTS, LOAS, AC-3 or E-AC-3 frame whose header this is, or 0.</summary>
    private static int FrameBytes(ReadOnlySpan<byte> at, bool withMpeg)
    {
        if (at.Length < HeaderBytes)
        {
            return 0;
        }

        switch (at[0])
        {
            case MpegSync when (at[1] & 0xF6) == 0xF0:
                var size = (at[3] & 3) << 11 | at[4] << 3 | at[5] >> 5;
                return (at[2] >> 2 & 15) < 13 && size >= 7 ? size : 0;
            case MpegSync when withMpeg:
                return MpegFrame.TryRead(BinaryPrimitives.ReadUInt32BigEndian(at), out var frame) ? frame.Bytes : 0;
            case LoasSync when at[1] >> 5 == 7:
                return ((at[1] & 0x1F) << 8 | at[2]) + 3;
            case Ac3Sync when at[1] == Ac3Second && at[5] >> 3 is > 10 and <= 16:
                return (((at[2] & 7) << 8 | at[3]) + 1) * 2;
            case Ac3Sync when at[1] == Ac3Second && at[5] >> 3 <= 10 && at[4] >> 6 != 3 && (at[4] & 63) < 38:
                var rate = Ac3Rates[(at[4] & 63) / 2] * 8;
                return (at[4] >> 6) switch
                {
                    0 => rate * 4,
                    1 => (rate * 96_000 / 44_100 + (at[4] & 1)) * 2,
                    _ => rate * 6,
                };
            default:
                return 0;
        }
    }

    /// <summary>Four bytes that open a frame of DTS (in four spellings), TrueHD or MLP, or a burst on an S/PDIF cable (in both byte orders).</summary>
    private static bool HasMarkers(ByteReader file, long start, long end)
    {
        var (found, from) = (0, 0);
        file.Position = start;
        while (true)
        {
            var ahead = file.Ahead((2 * Reach) + 1);
            var isLast = ahead.Length <= 2 * Reach;
            var to = isLast ? ahead.Length : ahead.Length - Reach;
            // Each marker has exactly one of these bytes, which are rare in speech: only loud samples begin with them.
            while (from < to && ahead[from..to].IndexOfAny((byte)0x1F, (byte)0x6F, (byte)0x7F) is >= 0 and var next)
            {
                from += next;
                if (IsInMarker(ahead, from) && ++found >= Markers)
                {
                    return true;
                }

                from++;
            }

            if (isLast || file.Position + to >= end)
            {
                return false;
            }

            // What lies near the seam is seen whole in the next window.
            file.Position += to - Reach;
            from = Reach;
        }
    }

    private static bool IsInMarker(ReadOnlySpan<byte> bytes, int at)
    {
        for (var start = Math.Max(0, at - Reach); start <= at && start + Reach < bytes.Length; start++)
        {
            if (BinaryPrimitives.ReadUInt32BigEndian(bytes[start..])
                is 0x7FFE8001 or 0xFE7F0180 or 0x1FFFE800 or 0xFF1F00E8 or 0xF8726FBA or 0xF8726FBB or 0x72F81F4E or 0xF8724E1F)
            {
                return true;
            }
        }

        return false;
    }
}
