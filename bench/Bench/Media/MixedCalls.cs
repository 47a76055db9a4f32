namespace Bench.Media;

/// <summary>Short calls that end in every way there is: properly, without a word, by the model, by the carrier's word alone; and some that never were calls.</summary>
internal sealed class MixedCalls(PhoneLoad load, LoadOrder order, ModelStub model)
{
    private const int AtOnce = 50;
    private const int ShortestMs = 500;
    private const int Spread = 1_500;

    private int refused;
    private int connected;
    private long said;

    public async Task<LoadResult> Run()
    {
        using var room = new SemaphoreSlim(AtOnce);
        var running = new List<Task>();
        for (var at = 0; at < order.Calls; at++)
        {
            await room.WaitAsync();
            var number = at;
            running.Add(Task.Run(async () =>
            {
                try
                {
                    await One(number);
                }
                finally
                {
                    room.Release();
                }
            }));
        }

        await Task.WhenAll(running);
        // The longest of what a bridge may still be waiting for: a model that comes back.
        await Task.Delay(order.Seconds * 1000);
        return new LoadResult(connected, refused, 0, 0, 0, 0, 0, 0, 0, said, 0, 0, load.Wheel.Late, 0, model.Open);
    }

    private async Task One(int number)
    {
        var kind = number % 10;
        var call = await load.Call(spoilt: kind == 8, starts: kind != 9);
        await Task.Delay(ShortestMs + number * 37 % Spread);
        switch (kind)
        {
            case < 4:
                call.HangUp();
                break;
            case < 6:
                call.Dispose();
                break;
            case 6:
                model.HangUpOne();
                await Task.Delay(ShortestMs);
                call.HangUp();
                break;
            case 7:
                await load.Ended([call]);
                await Task.Delay(ShortestMs);
                break;
            default:
                // It should have been sent away; a stream that does not start has five seconds.
                await Task.Delay(kind == 9 ? 5_500 : 0);
                break;
        }

        if (kind >= 8 && call.IsClosed)
        {
            Interlocked.Increment(ref refused);
        }
        else
        {
            Interlocked.Increment(ref connected);
        }

        Interlocked.Add(ref said, call.Said);
        call.Dispose();
        if (kind != 7)
        {
            await load.Ended([call]);
        }
    }
}
