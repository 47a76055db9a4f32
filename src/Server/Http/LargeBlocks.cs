using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Ledgerline.Http;

/// <summary>
/// The memory that connections read into and write from. The framework's own blocks have 4 KB, so that an upload of some 100 KB takes a
/// hundred calls of the operating system; these take a quarter of them.
/// </summary>
internal sealed class LargeBlocks : MemoryPool<byte>
{
    private const int BlockBytes = 16 * 1024;

    // 8 MB; what a busy moment needs beyond that is given back.
    private const int MostIdle = 512;

    private readonly ConcurrentQueue<Block> idle = new();
    private int count;

    public override int MaxBufferSize => BlockBytes;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockBytes);
        if (!idle.TryDequeue(out var block))
        {
            return new Block(this);
        }

        Interlocked.Decrement(ref count);
        return block;
    }

    protected override void Dispose(bool disposing)
    {
    }

    private void GiveBack(Block block)
    {
        if (Interlocked.Increment(ref count) <= MostIdle)
        {
            idle.Enqueue(block);
        }
        else
        {
            Interlocked.Decrement(ref count);
        }
    }

    /// <summary>One pool for all that the process listens on.</summary>
    internal sealed class Factory : IMemoryPoolFactory<byte>
    {
        private static readonly LargeBlocks Pool = new();

        public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => Pool;
    }

    private sealed class Block(LargeBlocks pool) : IMemoryOwner<byte>
    {
        // Pinned: the operating system writes into it.
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(BlockBytes, pinned: true);

        public void Dispose() => pool.GiveBack(this);
    }
}
