using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// RIFF/WAVE: chunks of a four-letter name, a 32-bit size and a body padded to even length. The length is what the bytes of the data chunk
/// yield at the format's frame size and sample rate; byte rate, fact chunk and RIFF size decide nothing.
/// </summary>
internal static class WavReader
{
    private const uint Streamed = 0xFFFF_FFFF;

    // Programs that cannot go back to their header write a size near 2 GiB, as sox and espeak do, or above, as others do.
    private const ulong LeastPlaceholder = 0x7FFF_F000;

    public static bool Knows(ReadOnlySpan<byte> id) =>
        id.SequenceEqual("RIFF"u8) || id.SequenceEqual("RIFX"u8) || id.SequenceEqual("RF64"u8) || id.SequenceEqual("BW64"u8);

    public static TimeSpan Read(ByteReader file)
    {
        var head = file.Take(12);
        var bigEndian = head.StartsWith("RIFX"u8);
        var is64 = head.StartsWith("RF64"u8) || head.StartsWith("BW64"u8);
        WaveFormat? format = null;
        ulong? size64 = null;
        while (true)
        {
            if (file.Left < 8)
            {
                throw AudioFault.Unreadable("The WAV file has no data chunk.");
            }

            var (id, size) = Chunk(file, bigEndian);
            var body = file.Position;
            switch (id)
            {
                case "fmt ":
                    format = format is null
                        ? WaveFormat.Read(file.Take((int)Math.Min(size, 40)), bigEndian)
                        : throw AudioFault.Unreadable("The WAV file describes its format twice.");
                    break;
                case "ds64" when is64 && size >= 24:
                    size64 = BinaryPrimitives.ReadUInt64LittleEndian(file.Take(16)[8..]);
                    break;
                case "XMA2" or "SMV0":
                    throw AudioFault.Unsupported("The WAV file holds a codec other than PCM, float, A-law, mu-law or ADPCM.");
                case "data":
                    if (format is not { } known)
                    {
                        throw AudioFault.Unreadable("The WAV file has no format before its data.");
                    }

                    var bytes = DataBytes(file, bigEndian, size, is64 ? size64 ?? 0 : null);
                    if (known.IsPcm16)
                    {
                        Disguise.RefuseInPcm(file, body, bytes);
                    }

                    return PlayingTime.Of(known.Frames(bytes), known.SampleRate);
                default:
                    break;
            }

            file.Position = body + size + (size & 1);
        }
    }

    /// <summary>
    /// The declared size where the rest of the file bears it out. A streamed file declares 0 or a size that no upload has; and where
    /// something other than well-formed chunks follows, or another data chunk, decoders go different ways: then everything to the end counts.
    /// </summary>
    private static long DataBytes(ByteReader file, bool bigEndian, uint size, ulong? size64)
    {
        var body = file.Position;
        var available = file.Left;
        var declared = size64 is { } wide && (size == Streamed || size == wide) ? wide : size;
        if (declared > (ulong)available && declared < LeastPlaceholder)
        {
            throw AudioFault.CutOff("inside its data chunk");
        }

        if (declared == 0 || declared >= (ulong)available || (size64 is null && size == Streamed) || (size64 is not null && declared != size64))
        {
            return available;
        }

        var end = body + (long)declared;
        var padded = end + (end & 1);
        var plain = ChunksToTheEnd(file, bigEndian, padded) && (padded == end || !FindsData(file, bigEndian, end));
        file.Position = body;
        return plain ? (long)declared : available;
    }

    private static bool ChunksToTheEnd(ByteReader file, bool bigEndian, long from)
    {
        file.Position = from;
        while (file.Left >= 8)
        {
            foreach (var letter in file.Peek(4))
            {
                if (letter is < 0x20 or > 0x7E)
                {
                    return false;
                }
            }

            var (id, size) = Chunk(file, bigEndian);
            if (id == "data" || size > file.Left)
            {
                return false;
            }

            file.Position += size + (size & 1);
        }

        return true;
    }

    /// <summary>Whether a decoder that does not skip the pad byte would come upon a second data chunk.</summary>
    private static bool FindsData(ByteReader file, bool bigEndian, long from)
    {
        file.Position = from;
        while (file.Left >= 8)
        {
            var (id, size) = Chunk(file, bigEndian);
            if (id == "data")
            {
                return true;
            }

            file.Position += size + (size & 1);
        }

        return false;
    }

    private static (string Id, uint Size) Chunk(ByteReader file, bool bigEndian)
    {
        var head = file.Take(8);
        var size = bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(head[4..]) : BinaryPrimitives.ReadUInt32LittleEndian(head[4..]);
        return (Name(head[..4]), size);
    }

    // Only the names that matter become strings, so that millions of chunks cost no memory.
    private static string Name(ReadOnlySpan<byte> id) =>
        id.SequenceEqual("fmt "u8) ? "fmt "
        : id.SequenceEqual("data"u8) ? "data"
        : id.SequenceEqual("ds64"u8) ? "ds64"
        : id.SequenceEqual("XMA2"u8) ? "XMA2"
        : id.SequenceEqual("SMV0"u8) ? "SMV0"
        : "";
}
