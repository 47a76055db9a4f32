namespace Ledgerline.Gateway.Uploads;

/// <summary>
/// A small upload in shared memory. A provider may answer before it has read everything, and then the sending goes on after the upload
/// was closed: the memory goes back only when the last who sends from it is done, or it would send what the next customer says.
/// </summary>
internal sealed class MemoryUpload : MemoryStream
{
    private readonly UploadMemory memory;
    private readonly byte[] room;
    private int users = 1;
    private int closed;

    public MemoryUpload(UploadMemory memory, byte[] room)
        : base(room, 0, room.Length, writable: true, publiclyVisible: false)
    {
        (this.memory, this.room) = (memory, room);
        SetLength(0);
    }

    /// <summary>What is left, in one piece and without a copy.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        Enter();
        try
        {
            var from = (int)Position;
            Position = Length;
            await destination.WriteAsync(room.AsMemory(from, (int)Length - from), cancellationToken);
        }
        finally
        {
            Leave();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref closed, 1) == 0)
        {
            Leave();
        }

        base.Dispose(disposing);
    }

    private void Enter()
    {
        int now;
        do
        {
            now = Volatile.Read(ref users);
            ObjectDisposedException.ThrowIf(now == 0, this);
        }
        while (Interlocked.CompareExchange(ref users, now + 1, now) != now);
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            memory.GiveBack(room);
        }
    }
}
