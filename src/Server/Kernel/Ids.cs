using System.Buffers.Text;
using System.Security.Cryptography;

namespace Ledgerline.Kernel;

/// <summary>The one source of randomness: ids and secrets, all from the operating system's generator.</summary>
public sealed class Ids(TimeProvider clock)
{
    private const long LargestNumber = (1L << 53) - 1;

    /// <summary>A uuid of version 7: sorts by time of creation, so it is kind to indexes.</summary>
    public Guid Uuid() => Guid.CreateVersion7(clock.GetUtcNow());

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
