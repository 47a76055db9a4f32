using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Ledgerline.Kernel;

/// <summary>The one source of randomness: ids and secrets, all from the operating system's generator.</summary>
public sealed class Ids(TimeProvider clock)
{
    private const long LargestNumber = (1L << 53) - 1;

    // The last uuid's milliseconds and, in the 12 bits below, its number among those of one millisecond.
    private long last;

    /// <summary>A uuid of version 7: sorts by time of creation, and on one node strictly so, which is kind to indexes and to whoever lists.</summary>
    public Guid Uuid()
    {
        var now = clock.GetUtcNow().ToUnixTimeMilliseconds() << 12;
        long before, next;
        do
        {
            before = Interlocked.Read(ref last);
            next = Math.Max(before + 1, now);
        }
        while (Interlocked.CompareExchange(ref last, next, before) != before);

        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes[8..]);
        BinaryPrimitives.WriteInt64BigEndian(bytes, (next >> 12 << 16) | 0x7000 | (next & 0xFFF));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>A uuid as 36 characters.</summary>
    public string Text() => Uuid().ToString("D");

    /// <summary>A positive integer that every JSON client can hold exactly (below 2^53), not guessable from another.</summary>
    public long Number()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return Math.Max(1, BitConverter.ToInt64(bytes) & LargestNumber);
    }

    /// <summary>A URL-safe secret of so many random bytes; 32 bytes give 43 characters.</summary>
    public string Secret(int bytes = 32) => Base64Url.EncodeToString(Bytes(bytes));

    /// <summary>So many random bytes, for keys.</summary>
    public byte[] Bytes(int count) => RandomNumberGenerator.GetBytes(count);

    /// <summary>A random whole number from 0 up to, not including, <paramref name="below"/>.</summary>
    public int Below(int below) => RandomNumberGenerator.GetInt32(below);
}
