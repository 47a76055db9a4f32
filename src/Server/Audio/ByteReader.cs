using System.Buffers;

namespace Ledgerline.Audio;

/// <summary>Reads a seekable file through one small pooled buffer; nothing here is ever sized by a number found in the file.</summary>
internal sealed class ByteReader : IDisposable
{
    /// <summary>The largest piece that can be looked at in one go: an Ogg page has at most 65,307 bytes.</summary>
    public const int Capacity = 64 * 1024;

    // After a jump little is read at first, so that a file made of far jumps costs no more than its own size.
    private const int ReadAfterJump = 4096;

    private readonly Stream file;
    private readonly CancellationToken stop;
    private readonly int capacity;
    private byte[]? buffer;
    private long bufferStart;
    private int buffered;
    private int nextRead = ReadAfterJump;

    public ByteReader(Stream file, CancellationToken stop, int capacity = Capacity)
    {
        this.file = file;
        this.stop = stop;
        this.capacity = capacity;
        Length = file.Length;
        buffer = ArrayPool<byte>.Shared.Rent(capacity);
    }

    public long Length { get; }

    /// <summary>Where the next byte comes from; may be set anywhere, also past the end, where there is nothing to read.</summary>
    public long Position { get; set; }

    public long Left => Math.Max(0, Length - Position);

    /// <summary>A second, smaller window on the same file.</summary>
    public ByteReader Beside(int windowBytes) => new(file, stop, windowBytes);

    /// <summary>The next <paramref name="count"/> bytes without moving; fewer only where the file ends.</summary>
    public ReadOnlySpan<byte> Peek(int count)
    {
        var ahead = Ahead(count);
        return ahead.Length > count ? ahead[..count] : ahead;
    }

    /// <summary>Everything already in the buffer from here on, at least <paramref name="count"/> bytes unless the file ends.</summary>
    public ReadOnlySpan<byte> Ahead(int count)
    {
        var offset = Position - bufferStart;
        if (offset < 0 || offset > buffered || buffered - offset < count)
        {
            Fill(count);
            offset = Position - bufferStart;
        }

        return buffer.AsSpan((int)offset, buffered - (int)offset);
    }

    /// <summary>The next <paramref name="count"/> bytes, moving past them; a file that ends before is unreadable.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        var bytes = Peek(count);
        if (bytes.Length < count)
        {
            throw AudioFault.Unreadable("The file is cut off inside a header.");
        }

        Position += count;
        return bytes;
    }

    public void Dispose()
    {
        if (buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = null;
        }
    }

    private void Fill(int count)
    {
        stop.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(buffer is null, this);

        var offset = Position - bufferStart;
        if (offset >= 0 && offset <= buffered)
        {
            buffer.AsSpan((int)offset, buffered - (int)offset).CopyTo(buffer);
            buffered -= (int)offset;
        }
        else
        {
            buffered = 0;
            nextRead = ReadAfterJump;
        }

        bufferStart = Position;
        if (Position >= Length)
        {
            return;
        }

        file.Position = bufferStart + buffered;
        while (buffered < count)
        {
            var wanted = Math.Min(Math.Max(nextRead, count - buffered), capacity - buffered);
            var got = file.Read(buffer, buffered, wanted);
            if (got == 0)
            {
                break;
            }

            buffered += got;
            nextRead = Math.Min(nextRead * 2, capacity);
        }
    }
}
