using System.Buffers.Binary;
using System.Text;

namespace Bench;

/// <summary>A recording of silence: 16 kHz, 16 bit, one channel.</summary>
internal static class WaveFile
{
    public const int BytesPerSecond = 32_000;

    public static byte[] Make(int seconds)
    {
        var data = seconds * BytesPerSecond;
        var file = new byte[44 + data];
        Encoding.ASCII.GetBytes("RIFF").CopyTo(file, 0);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), 36 + data);
        Encoding.ASCII.GetBytes("WAVEfmt ").CopyTo(file, 8);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), BytesPerSecond / 2);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), BytesPerSecond);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        Encoding.ASCII.GetBytes("data").CopyTo(file, 36);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), data);
        return file;
    }
}
