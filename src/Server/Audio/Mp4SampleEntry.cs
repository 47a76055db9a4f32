using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// Reads a sample description box (ISO 14496-12 §8.5.2). The codec's own set-up stands in a box inside the entry (esds, dOps, alac), at a place
/// that depends on QuickTime's versions of the entry; it is searched by name and must be there once.
/// </summary>
internal static class Mp4SampleEntry
{
    private const int MostEntries = 16;
    private const int MostEntryBytes = 16 * 1024;
    private const int LargestAlacFrame = 1 << 16;

    public static Mp4Codec Read(ByteReader file, Mp4Box box)
    {
        var count = box.Field(file, 4);
        var end = Math.Min(box.End, file.Length);
        Mp4Codec? codec = null;
        file.Position = box.Body + 8;
        for (var i = 0; i < Math.Min(count, MostEntries) && Mp4Box.Read(file, end) is { } entry && entry.End <= end; i++)
        {
            file.Position = entry.Body;
            var next = Entry(entry.Type, file.Peek((int)Math.Min(entry.End - entry.Body, MostEntryBytes)));
            codec = codec is null || codec == next
                ? next
                : throw AudioFault.Unreadable("A track of the MP4 file changes its codec on the way.");
            file.Position = entry.End;
        }

        return codec ?? throw AudioFault.Unreadable("A track of the MP4 file does not name its codec.");
    }

    private static Mp4Codec Entry(uint type, ReadOnlySpan<byte> entry)
    {
        Span<byte> name = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(name, type);
        if (name.SequenceEqual("mp4a"u8))
        {
            return Aac(Setup(entry, "esds"u8));
        }

        if (name.SequenceEqual("Opus"u8))
        {
            Setup(entry, "dOps"u8);
            return new Mp4Codec(Mp4Codec.Family.Opus, OpusPacket.SampleRate);
        }

        if (name.SequenceEqual("alac"u8))
        {
            return Alac(entry, Setup(entry, "alac"u8));
        }

        // Subtitles, time codes, camera metadata, hints: what may stand beside sound and picture.
        ReadOnlySpan<byte> silent = "tx3gtexttmcdmettmetxmebxstppwvttc608sbtlcammgpmdfdscurimrtp mp4s"u8;
        for (; !silent.IsEmpty; silent = silent[4..])
        {
            if (silent.StartsWith(name))
            {
                return new Mp4Codec(Mp4Codec.Family.NoAudio);
            }
        }

        return new Mp4Codec(Mp4Codec.Family.Unknown);
    }

    /// <summary>The body of the box with this name inside the entry; a decoder would also take the others.</summary>
    private static ReadOnlySpan<byte> Setup(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> name)
    {
        var setups = entry.Count("esds"u8) + entry.Count("dOps"u8) + entry.Count("alac"u8) + entry.Count("dfLa"u8) + entry.Count("glbl"u8);
        var at = entry.IndexOf(name);
        if (at < 4 || setups != 1)
        {
            throw NotOnce();
        }

        var size = BinaryPrimitives.ReadUInt32BigEndian(entry[(at - 4)..]);
        return size >= 8 && size <= entry.Length - at + 4 ? entry.Slice(at + 4, (int)size - 8) : throw NotOnce();
    }

    /// <summary>
    /// Nested descriptors (ISO 14496-1 §7.2.6), each a tag and a size of up to four 7-bit bytes: elementary stream (3), in it the decoder
    /// configuration (4) with the object type, in it the AudioSpecificConfig (5).
    /// </summary>
    private static Mp4Codec Aac(ReadOnlySpan<byte> esds)
    {
        var stream = Descriptor(esds[Math.Min(4, esds.Length)..], 3);
        var flags = At(stream, 2);
        var skipped = 3 + ((flags & 0x80) != 0 ? 2 : 0);
        skipped += (flags & 0x40) != 0 ? 1 + At(stream, skipped) : 0;
        skipped += (flags & 0x20) != 0 ? 2 : 0;
        var decoder = Descriptor(stream[Math.Min(skipped, stream.Length)..], 4);

        // MPEG-4 audio and the low complexity profile of MPEG-2's AAC.
        if (At(decoder, 0) is not (0x40 or 0x67))
        {
            return new Mp4Codec(Mp4Codec.Family.Unknown);
        }

        var config = AacConfig.Read(Descriptor(decoder[Math.Min(13, decoder.Length)..], 5));
        return new Mp4Codec(Mp4Codec.Family.Aac, config.SampleRate, AacConfig.UnitSamples, config);
    }

    /// <summary>The ALAC cookie: 4 bytes of version and flags, then the samples of a packet; its sample rate stands 24 bytes in.</summary>
    private static Mp4Codec Alac(ReadOnlySpan<byte> entry, ReadOnlySpan<byte> cookie)
    {
        if (cookie.Length < 28 || entry.Length < 28)
        {
            throw NotOnce();
        }

        var samples = BinaryPrimitives.ReadUInt32BigEndian(cookie[4..]);
        var rate = BinaryPrimitives.ReadUInt32BigEndian(cookie[24..]);
        var entryRate = BinaryPrimitives.ReadUInt16BigEndian(entry[24..]);
        rate = entryRate == 0 ? rate : Math.Min(rate, entryRate);
        Sane.SampleRate(rate);
        return samples is > 0 and <= LargestAlacFrame
            ? new Mp4Codec(Mp4Codec.Family.Alac, (int)rate, (int)samples)
            : throw AudioFault.Unreadable("A track of the MP4 file has packets of an impossible length.");
    }

    private static ReadOnlySpan<byte> Descriptor(ReadOnlySpan<byte> data, byte tag)
    {
        int at = 1, size = 0;
        for (var more = true; more && at < 5; at++)
        {
            size = size << 7 | At(data, at) & 0x7F;
            more = (At(data, at) & 0x80) != 0;
        }

        return At(data, 0) == tag && at <= data.Length
            ? data.Slice(at, Math.Min(size, data.Length - at))
            : throw NotOnce();
    }

    private static byte At(ReadOnlySpan<byte> data, int index) => index < data.Length ? data[index] : (byte)0;

    private static AudioFault NotOnce() => AudioFault.Unreadable("A track of the MP4 file does not set up its codec, or not once.");
}
