using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Sandbox.Turso;

/// <summary>Batons: a stream's number and its turn, signed, so that nobody makes one up.</summary>
internal sealed class Batons
{
    private const int Named = 16;
    private const int Signed = 16;
    private readonly byte[] key = RandomNumberGenerator.GetBytes(32);

    public string Write(long stream, long turn)
    {
        Span<byte> baton = stackalloc byte[Named + Signed];
        BinaryPrimitives.WriteInt64BigEndian(baton, stream);
        BinaryPrimitives.WriteInt64BigEndian(baton[8..], turn);
        Sign(baton[..Named], baton[Named..]);
        return Base64Url.EncodeToString(baton);
    }

    /// <summary>Null when we did not write it.</summary>
    public (long Stream, long Turn)? Read(string baton)
    {
        Span<byte> bytes = stackalloc byte[Named + Signed];
        if (baton.Length > 64 || !Base64Url.IsValid(baton) || !Base64Url.TryDecodeFromChars(baton, bytes, out var length) || length != bytes.Length)
        {
            return null;
        }

        Span<byte> expected = stackalloc byte[Signed];
        Sign(bytes[..Named], expected);
        return CryptographicOperations.FixedTimeEquals(expected, bytes[Named..])
            ? (BinaryPrimitives.ReadInt64BigEndian(bytes), BinaryPrimitives.ReadInt64BigEndian(bytes[8..]))
            : null;
    }

    private void Sign(ReadOnlySpan<byte> named, Span<byte> signature)
    {
        Span<byte> whole = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(key, named, whole);
        whole[..Signed].CopyTo(signature);
    }
}
