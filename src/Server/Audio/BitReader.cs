using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>Bits of a span, most significant first, as MPEG writes them. Past the end there are zeros and <see cref="Overrun"/> is set.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> data = data;

    /// <summary>Bits read so far.</summary>
    public int Position { get; private set; }

    public readonly bool Overrun => Position > data.Length * 8;

    /// <summary>Up to 25 bits without moving.</summary>
    public readonly uint Peek(int bits)
    {
        var at = Position >> 3;
        uint word;
        if (at + 4 <= data.Length)
        {
            word = BinaryPrimitives.ReadUInt32BigEndian(data[at..]);
        }
        else
        {
            word = 0;
            for (var i = 0; i < 4; i++)
            {
                word = word << 8 | (at + i < data.Length ? data[at + i] : 0u);
            }
        }

        return bits == 0 ? 0 : word << (Position & 7) >> (32 - bits);
    }

    public uint Read(int bits)
    {
        var value = Peek(bits);
        Position += bits;
        return value;
    }

    public bool Flag() => Read(1) != 0;

    public void Skip(int bits) => Position += bits;

    public void AlignToByte() => Position = (Position + 7) & ~7;
}
