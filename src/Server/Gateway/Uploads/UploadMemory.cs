using System.Buffers;

namespace Ledgerline.Gateway.Uploads;

/// <summary>
/// The memory that small uploads share. It is bounded for each and for all together, so that neither large files nor many small ones
/// make the process grow; what does not fit goes to disk.
/// </summary>
public sealed class UploadMemory
{
    /// <summary>Half a minute of uncompressed speech, some minutes of any codec.</summary>
    internal const int LargestBytes = 1024 * 1024;

    /// <summary>Of all uploads at once.</summary>
    internal const int MostBytes = 16 * LargestBytes;

    private long taken;

    /// <summary>How much is in use now.</summary>
    internal long TakenBytes => Interlocked.Read(ref taken);

    /// <summary>Room for so many bytes; null when they are too many, or unknown, or too much is in use.</summary>
    internal MemoryUpload? Take(long? bytes)
    {
        if (bytes is not (> 0 and <= LargestBytes and var size))
        {
            return null;
        }

        var room = ArrayPool<byte>.Shared.Rent((int)size);
        if (Interlocked.Add(ref taken, room.Length) <= MostBytes)
        {
            return new MemoryUpload(this, room);
        }

        GiveBack(room);
        return null;
    }

    internal void GiveBack(byte[] room)
    {
        Interlocked.Add(ref taken, -room.Length);
        ArrayPool<byte>.Shared.Return(room);
    }
}
