using System.Buffers.Binary;
using System.Text;

namespace Tests.Audio;

/// <summary>Forges real recordings.</summary>
internal static class Patch
{
    public static byte[] With(this byte[] bytes, Action<byte[]> change)
    {
        var copy = (byte[])bytes.Clone();
        change(copy);
        return copy;
    }

    /// <summary>Where the letters stand, counted from <paramref name="from"/>; a test that does not find them tests nothing.</summary>
    public static int Find(this byte[] bytes, string letters, int from = 0) => bytes.Find(Encoding.Latin1.GetBytes(letters), from);

    public static int Find(this byte[] bytes, byte[] wanted, int from = 0)
    {
        var at = bytes.AsSpan(from).IndexOf(wanted);
        return at >= 0 ? from + at : throw new InvalidOperationException("The recording does not hold what the test wants to forge.");
    }

    public static void Little(this byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);

    public static void Little(this byte[] bytes, int at, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), value);

    public static void Big(this byte[] bytes, int at, uint value) => BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), value);

    public static void Big(this byte[] bytes, int at, ushort value) => BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(at), value);

    public static uint Big(this byte[] bytes, int at) => BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at));

    public static byte[] Bytes(uint bigEndian)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, bigEndian);
        return bytes;
    }
}
