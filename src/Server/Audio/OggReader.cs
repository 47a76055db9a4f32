using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// Ogg (RFC 3533): pages of "OggS", version, flags, granule position, serial number, sequence, CRC and a table of segment sizes; a segment
/// below 255 bytes ends a packet. Chained streams and parallel ones add up, which is never less than what a decoder plays.
/// </summary>
internal static class OggReader
{
    private const int HeaderBytes = 27;
    private const int MostStreams = 256;

    private static readonly uint[] Crc = CrcTable();

    public static TimeSpan Read(ByteReader file)
    {
        var streams = new Dictionary<uint, OggStream>();
        try
        {
            while (FindPage(file))
            {
                Page(file, streams);
            }

            var audio = streams.Values.Where(stream => stream.HasAudio).ToList();
            var alone = audio.Count == 1 && audio[0].Links == 1;
            return audio.Aggregate(TimeSpan.Zero, (sum, stream) => sum + stream.Length(alone));
        }
        finally
        {
            foreach (var stream in streams.Values)
            {
                stream.Dispose();
            }
        }
    }

    private static bool FindPage(ByteReader file)
    {
        while (true)
        {
            var ahead = file.Ahead(HeaderBytes);
            if (ahead.Length < HeaderBytes)
            {
                var rest = ahead[..Math.Min(4, ahead.Length)];
                return rest.IsEmpty || !"OggS"u8.StartsWith(rest) ? false : throw CutOff();
            }

            var at = ahead.IndexOf("OggS"u8);
            if (at == 0 && ahead[4] == 0)
            {
                return true;
            }

            file.Position += at > 0 ? at : at == 0 ? 4 : ahead.Length - 3;
        }
    }

    private static void Page(ByteReader file, Dictionary<uint, OggStream> streams)
    {
        int segments = file.Peek(HeaderBytes)[26];
        var size = HeaderBytes + segments;
        var table = file.Peek(size);
        if (table.Length < size)
        {
            throw CutOff();
        }

        foreach (var lace in table[HeaderBytes..])
        {
            size += lace;
        }

        var ahead = file.Peek(size + 4);
        var page = ahead[..Math.Min(size, ahead.Length)];
        if (!ahead[page.Length..].SequenceEqual("OggS"u8) && page[4..].IndexOf("OggS"u8) >= 0)
        {
            // Where no page follows decoders go back and search the last one for others.
            throw AudioFault.Unreadable("A page of the Ogg file hides another.");
        }

        if (page.Length < size)
        {
            throw CutOff();
        }

        if (Check(page) != BinaryPrimitives.ReadUInt32LittleEndian(page[22..]))
        {
            // Decoders go different ways here: some play the page, some search it for other pages.
            throw AudioFault.Unreadable("A page of the Ogg file is damaged.");
        }

        var serial = BinaryPrimitives.ReadUInt32LittleEndian(page[14..]);
        if (!streams.TryGetValue(serial, out var stream))
        {
            if (streams.Count == MostStreams)
            {
                throw AudioFault.Unreadable("The Ogg file holds more streams than any recording.");
            }

            stream = new OggStream();
            streams.Add(serial, stream);
        }

        stream.Page(
            (OggFlags)page[5],
            BinaryPrimitives.ReadInt64LittleEndian(page[6..]),
            page.Slice(HeaderBytes, segments),
            page[(HeaderBytes + segments)..]);
        file.Position += page.Length;
    }

    private static AudioFault CutOff() => AudioFault.CutOff("inside a page");

    /// <summary>CRC-32 with polynomial 0x04C11DB7, most significant bit first, over the page with zeros in place of the sum itself.</summary>
    private static uint Check(ReadOnlySpan<byte> page)
    {
        var sum = Sum(0, page[..22]);
        sum = Sum(sum, [0, 0, 0, 0]);
        return Sum(sum, page[26..]);
    }

    private static uint Sum(uint sum, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<uint> table = Crc;
        while (bytes.Length >= 4)
        {
            sum ^= BinaryPrimitives.ReadUInt32BigEndian(bytes);
            sum = table[0x300 | (int)(sum >> 24)] ^ table[0x200 | (int)(sum >> 16 & 0xFF)]
                ^ table[0x100 | (int)(sum >> 8 & 0xFF)] ^ table[(int)(sum & 0xFF)];
            bytes = bytes[4..];
        }

        foreach (var b in bytes)
        {
            sum = sum << 8 ^ table[(int)(sum >> 24 ^ b)];
        }

        return sum;
    }

    private static uint[] CrcTable()
    {
        var table = new uint[4 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var sum = i << 24;
            for (var bit = 0; bit < 8; bit++)
            {
                sum = (sum & 0x8000_0000) != 0 ? sum << 1 ^ 0x04C1_1DB7 : sum << 1;
            }

            table[i] = sum;
        }

        for (var i = 256; i < table.Length; i++)
        {
            var before = table[i - 256];
            table[i] = before << 8 ^ table[before >> 24];
        }

        return table;
    }
}
