using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;

namespace Sandbox.OpenAi.Audio;

/// <summary>Reads a file at any place through one small window; what lies beyond its end reads as empty.</summary>
internal sealed class FileWindow(SafeFileHandle file)
{
    private readonly byte[] _window = new byte[64 * 1024];
    private long _start;
    private int _filled;

    public long Length { get; } = RandomAccess.GetLength(file);

    /// <summary>Up to <paramref name="count"/> bytes; valid until the next read. The count is at most 32 KiB.</summary>
    public ReadOnlySpan<byte> At(long place, int count)
    {
        if (place < 0 || place >= Length)
        {
            return [];
        }

        if (place < _start || place + count > _start + _filled)
        {
            _start = place;
            _filled = 0;
            int read;
            while (_filled < _window.Length && (read = RandomAccess.Read(file, _window.AsSpan(_filled), place + _filled)) > 0)
            {
                _filled += read;
            }
        }

        var at = (int)(place - _start);
        return _window.AsSpan(at, Math.Min(count, _filled - at));
    }

    public bool Has(long place, ReadOnlySpan<byte> bytes) => At(place, bytes.Length).SequenceEqual(bytes);

    public byte Byte(long place) => At(place, 1) is [var one] ? one : (byte)0;

    public ushort U16(long place, bool little = false) =>
        At(place, 2) is { Length: 2 } two ? little ? BinaryPrimitives.ReadUInt16LittleEndian(two) : BinaryPrimitives.ReadUInt16BigEndian(two) : (ushort)0;

    public uint U32(long place, bool little = false) =>
        At(place, 4) is { Length: 4 } four ? little ? BinaryPrimitives.ReadUInt32LittleEndian(four) : BinaryPrimitives.ReadUInt32BigEndian(four) : 0;

    public ulong U64(long place, bool little = false) =>
        At(place, 8) is { Length: 8 } eight ? little ? BinaryPrimitives.ReadUInt64LittleEndian(eight) : BinaryPrimitives.ReadUInt64BigEndian(eight) : 0;
}
