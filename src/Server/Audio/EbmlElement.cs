using System.Buffers.Binary;
using System.Numerics;

namespace Ledgerline.Audio;

/// <summary>
/// The head of an EBML element (RFC 8794): an identifier of 1 to 4 bytes and a size of 1 to 8, both as long as their first byte's leading
/// zeros say. A size of all ones means unknown: what a live recorder writes.
/// </summary>
internal readonly record struct EbmlElement(uint Id, long Start, long Body, long Size)
{
    public const long UnknownSize = -1;

    public bool IsUnknown => Size == UnknownSize;

    public long End => IsUnknown ? long.MaxValue : Body + Size;

    /// <summary>Reads the head at the file's position and moves behind it; false where there is none.</summary>
    public static bool TryRead(ByteReader file, out EbmlElement element)
    {
        element = default;
        var start = file.Position;
        var head = file.Peek(12);
        if (head.IsEmpty)
        {
            return false;
        }

        var idBytes = BitOperations.LeadingZeroCount((uint)head[0] << 24) + 1;
        if (idBytes > 4 || head.Length <= idBytes)
        {
            return false;
        }

        uint id = 0;
        foreach (var b in head[..idBytes])
        {
            id = id << 8 | b;
        }

        if (!TryNumber(head[idBytes..], out var size, out var sizeBytes))
        {
            return false;
        }

        var body = start + idBytes + sizeBytes;
        element = new EbmlElement(id, start, body, size == (1L << 7 * sizeBytes) - 1 ? UnknownSize : size);
        file.Position = body;
        return true;
    }

    /// <summary>True where the file ends inside the head of an element.</summary>
    public static bool IsCutOff(ByteReader file)
    {
        var head = file.Peek(12);
        var idBytes = head.IsEmpty ? 5 : BitOperations.LeadingZeroCount((uint)head[0] << 24) + 1;
        return idBytes <= 4
            && (head.Length <= idBytes || (BitOperations.LeadingZeroCount((uint)head[idBytes] << 24) + 1 is <= 8 and var sizeBytes && head.Length < idBytes + sizeBytes));
    }

    /// <summary>The child at the file's position; false at the end of this element, or where there is none that fits into it.</summary>
    public bool TryChild(ByteReader file, out EbmlElement child)
    {
        child = default;
        var at = file.Position;
        if (at < End && TryRead(file, out child) && child.End <= End)
        {
            return true;
        }

        file.Position = at;
        return false;
    }

    /// <summary>A number whose first byte tells its length and is part of it.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> bytes, out long value, out int length)
    {
        value = 0;
        length = bytes.IsEmpty ? 9 : BitOperations.LeadingZeroCount((uint)bytes[0] << 24) + 1;
        if (length > 8 || length > bytes.Length)
        {
            return false;
        }

        value = bytes[0] & (0xFF >> length);
        foreach (var b in bytes[1..length])
        {
            value = value << 8 | b;
        }

        return true;
    }

    /// <summary>The body as an unsigned number of up to 8 bytes.</summary>
    public ulong Unsigned(ByteReader file)
    {
        if (Size is < 0 or > 8)
        {
            throw AudioFault.Unreadable("A number in the WebM file has an impossible size.");
        }

        file.Position = Body;
        ulong value = 0;
        foreach (var b in file.Take((int)Size))
        {
            value = value << 8 | b;
        }

        return value;
    }

    /// <summary>The body as a floating-point number of 4 or 8 bytes, in whole units rounded down; a negative or endless one is refused.</summary>
    public long Whole(ByteReader file)
    {
        file.Position = Body;
        var value = Size switch
        {
            0 => 0,
            4 => BinaryPrimitives.ReadSingleBigEndian(file.Take(4)),
            8 => BinaryPrimitives.ReadDoubleBigEndian(file.Take(8)),
            _ => double.NaN,
        };

        return value is >= 0 and < long.MaxValue
            ? (long)value
            : throw AudioFault.Unreadable("A number in the WebM file is negative, endless or none at all.");
    }
}
