using System.Buffers.Binary;

namespace Ledgerline.Audio;

/// <summary>Goes through the entries of a table in the file with a small window of its own, so that several tables can be read side by side.</summary>
internal sealed class Mp4Table : IDisposable
{
    private const int WindowBytes = 4096;

    private readonly ByteReader reader;
    private readonly int entryBytes;
    private long left;

    public Mp4Table(ByteReader file, long start, long count, int entryBytes)
    {
        reader = file.Beside(WindowBytes);
        reader.Position = start;
        left = count;
        this.entryBytes = entryBytes;
    }

    public bool TryNext(out Entry entry)
    {
        if (left == 0)
        {
            entry = default;
            return false;
        }

        left--;
        entry = new Entry(reader.Take(entryBytes));
        return true;
    }

    public void Dispose() => reader.Dispose();

    /// <summary>The bytes of one entry, valid until the next.</summary>
    public readonly ref struct Entry(ReadOnlySpan<byte> bytes)
    {
        private readonly ReadOnlySpan<byte> bytes = bytes;

        public uint Word(int offset) => BinaryPrimitives.ReadUInt32BigEndian(bytes[offset..]);

        public ulong Wide(int offset) => BinaryPrimitives.ReadUInt64BigEndian(bytes[offset..]);
    }
}
