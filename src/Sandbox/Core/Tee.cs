namespace Sandbox.Core;

/// <summary>Passes a request body through and keeps its first bytes.</summary>
internal sealed class Tee(Stream inner, int keep) : Stream
{
    private readonly byte[] _kept = new byte[keep];
    private int _keptLength;
    private long _length;

    public ReadOnlyMemory<byte> Kept => _kept.AsMemory(0, _keptLength);

    /// <summary>How much was read so far.</summary>
    public override long Length => _length;

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    /// <summary>Reads on until enough is kept or the body ends, for requests that nobody else reads.</summary>
    public async Task Fill(CancellationToken stop)
    {
        var rest = new byte[4096];
        while (_keptLength < keep && await ReadAsync(rest, stop) > 0)
        {
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Keep(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = inner.Read(buffer, offset, count);
        Keep(buffer.AsSpan(offset, read));
        return read;
    }

    public override void Flush() => throw new NotSupportedException();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var room = Math.Min(bytes.Length, keep - _keptLength);
        bytes[..room].CopyTo(_kept.AsSpan(_keptLength));
        _keptLength += room;
        _length += bytes.Length;
    }
}
