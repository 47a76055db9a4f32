using Ledgerline.Ai;

namespace Ledgerline.Calls.Bridge;

/// <summary>
/// The agent's voice on its way to the phone. The model speaks faster than anybody hears, so a minute may wait at the carrier; beyond that
/// the model waits.
/// </summary>
internal sealed class Speech(PhoneLine line) : IDisposable
{
    private const long MostQueuedMs = 60_000;

    // After each piece of ordinary size; of very small ones several share a mark.
    private const int MarkEvery = 5 * AudioFrames.FrameBytes;

    private readonly Lock gate = new();
    private readonly Playback playback = new();
    private readonly AudioFrames frames = new();
    private TaskCompletionSource? room;
    private string? item;
    private int sinceMark;
    private bool isOver;

    public long FramesOut { get; private set; }

    public long Now => Read(playback => playback.Now);

    public bool IsPlaying => Read(playback => playback.IsPlaying);

    public long QueuedMs => Read(playback => playback.QueuedMs);

    public long PlayedMs => Read(playback => playback.PlayedMs);

    public int Interruptions => Read(playback => playback.Interruptions);

    /// <summary>The phone's side has come to this millisecond of the stream.</summary>
    public void Advance(long timestamp)
    {
        lock (gate)
        {
            playback.Advance(timestamp);
            MakeRoom();
        }
    }

    /// <summary>A mark came back from the phone.</summary>
    public void Return()
    {
        lock (gate)
        {
            playback.Return();
            MakeRoom();
        }
    }

    /// <inheritdoc cref="IVoiceListener.Audio"/>
    /// <returns>When the item's first sound can be heard, on the stream's clock.</returns>
    public async ValueTask<long> Play(string item, ReadOnlyMemory<byte> base64)
    {
        if (item != this.item)
        {
            await EndItem();
            this.item = item;
        }

        var bytes = frames.Take(base64);
        long startMs;
        lock (gate)
        {
            startMs = playback.Receive(item, bytes);
        }

        await SendPieces(bytes >= MarkEvery);
        return startMs;
    }

    /// <summary>What is left of the item goes to the phone, filled up to a frame, with a mark behind it.</summary>
    public async ValueTask EndItem()
    {
        if (frames.Flush() > 0)
        {
            await SendPieces(true);
        }
        else if (sinceMark > 0)
        {
            Marked();
            await line.Mark();
        }

        item = null;
    }

    /// <summary>The person speaks. Null: nothing was interrupted; else what was heard of what was cut off.</summary>
    public async ValueTask<IReadOnlyList<Heard>?> Interrupt()
    {
        IReadOnlyList<Heard>? heard;
        lock (gate)
        {
            heard = playback.Interrupt();
        }

        if (heard is not null)
        {
            frames.Forget();
            (item, sinceMark) = (null, 0);
            await line.Clear();
        }

        return heard;
    }

    /// <summary>The phone hears nothing any more; answers what it has not heard.</summary>
    public IReadOnlyList<Heard> End()
    {
        lock (gate)
        {
            isOver = true;
            MakeRoom();
            return playback.IsPlaying ? playback.Cut() : [];
        }
    }

    public void Dispose() => frames.Dispose();

    private async ValueTask SendPieces(bool markLast)
    {
        while (frames.Next(out var piece, out var length))
        {
            var mark = Sent(length, markLast && frames.IsEmpty);
            await line.Media(piece, mark);
            FramesOut += length / AudioFrames.FrameBytes;
            if (Full() is { } full)
            {
                await full;
            }
        }
    }

    // Before it is sent: nothing may come back that is not expected.
    private bool Sent(int length, bool mark)
    {
        lock (gate)
        {
            playback.Send(length);
            sinceMark += length;
            if (!mark && sinceMark < MarkEvery)
            {
                return false;
            }

            playback.Mark();
            sinceMark = 0;
            return true;
        }
    }

    private void Marked()
    {
        lock (gate)
        {
            playback.Mark();
            sinceMark = 0;
        }
    }

    private Task? Full()
    {
        lock (gate)
        {
            return isOver || playback.QueuedMs <= MostQueuedMs ? null : (room ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    private void MakeRoom()
    {
        if (room is not null && (isOver || playback.QueuedMs <= MostQueuedMs))
        {
            room.TrySetResult();
            room = null;
        }
    }

    private T Read<T>(Func<Playback, T> read)
    {
        lock (gate)
        {
            return read(playback);
        }
    }
}
