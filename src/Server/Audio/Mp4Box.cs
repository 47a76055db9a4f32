using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>
/// The head of an ISO base media box (ISO 14496-12 §4.2): a 32-bit size and a type of four letters; size 1 means that a 64-bit size follows,
/// size 0 that the box ends with what holds it.
/// </summary>
internal readonly record struct Mp4Box(uint Type, long Start, long Body, long End)
{
    /// <summary>Reads the head at the file's position and moves behind it; null where no head fits or its size is impossible.</summary>
    public static Mp4Box? Read(ByteReader file, long parentEnd)
    {
        var start = file.Position;
        var head = file.Peek((int)Math.Clamp(parentEnd - start, 0, 16));
        if (head.Length < 8)
        {
            return null;
        }

        ulong size = BinaryPrimitives.ReadUInt32BigEndian(head);
        var type = BinaryPrimitives.ReadUInt32BigEndian(head[4..]);
        var body = start + 8;
        if (size == 1)
        {
            if (head.Length < 16)
            {
                return null;
            }

            size = BinaryPrimitives.ReadUInt64BigEndian(head[8..]);
            body = start + 16;
        }
        else if (size == 0)
        {
            size = (ulong)(parentEnd - start);
        }

        if (size < (ulong)(body - start) || size > long.MaxValue / 2)
        {
            return null;
        }

        file.Position = body;
        return new Mp4Box(type, start, body, start + (long)size);
    }

    /// <summary>The first byte of a full box.</summary>
    public byte Version(ByteReader file) => (byte)(Field(file, 0) >> 24);

    /// <summary>The 32-bit number at this offset of the body.</summary>
    public uint Field(ByteReader file, int offset)
    {
        if (Body + offset + 4 > End)
        {
            throw AudioFault.Unreadable("A box of the MP4 file is too short.");
        }

        file.Position = Body + offset;
        return BinaryPrimitives.ReadUInt32BigEndian(file.Take(4));
    }
}
