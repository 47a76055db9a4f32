using System.Net.Sockets;
using System.Text;

namespace Bench;

/// <summary>Many readers of live events, each on a bare socket: they must cost the machine little themselves.</summary>
internal sealed class StreamCrowd : IDisposable
{
    private readonly Socket[] sockets;
    private readonly long[] arrivals;
    private byte[] awaited = [0];
    private int missing;

    private StreamCrowd(int count) => (sockets, arrivals) = (new Socket[count], new long[count]);

    /// <summary>The event with the words that were awaited last, as one of the streams got it.</summary>
    public string Shown { get; private set; } = "";

    /// <summary>Opens so many streams of each of these addresses; ready when each has said that it is connected.</summary>
    public static async Task<StreamCrowd> Open(Uri server, IEnumerable<(string Path, string Token)> streams)
    {
        var all = streams.ToList();
        var crowd = new StreamCrowd(all.Count);
        foreach (var some in Enumerable.Range(0, all.Count).Chunk(100))
        {
            await Task.WhenAll(some.Select(i => crowd.Open(i, server, all[i].Path, all[i].Token)));
        }

        return crowd;
    }

    /// <summary>Milliseconds from now until each stream has shown these words, sorted.</summary>
    public async Task<double[]> Delivery(string words, Func<Task> send)
    {
        var started = TimeProvider.System.GetTimestamp();
        return [.. (await Arrivals(words, send)).Select(at => TimeProvider.System.GetElapsedTime(started, at).TotalMilliseconds).Order()];
    }

    /// <summary>When each stream has shown these words, in the order in which they were opened.</summary>
    public async Task<IReadOnlyList<long>> Arrivals(string words, Func<Task> send)
    {
        Array.Clear(arrivals);
        Volatile.Write(ref missing, arrivals.Length);
        Volatile.Write(ref awaited, Encoding.UTF8.GetBytes(words));
        await send();
        for (var waited = 0; Volatile.Read(ref missing) > 0; waited++)
        {
            if (waited == 3000)
            {
                throw new TimeoutException($"{missing} of {sockets.Length} streams have not shown {words}.");
            }

            await Task.Delay(10);
        }

        return [.. arrivals];
    }

    public void Dispose() => Array.ForEach(sockets, socket => socket?.Dispose());

    private async Task Open(int index, Uri server, string path, string token)
    {
        var socket = sockets[index] = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n"));
        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Task.Run(() => Listen(index, connected));
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task Listen(int index, TaskCompletionSource connected)
    {
        var buffer = new byte[2048];
        try
        {
            while (await sockets[index].ReceiveAsync(buffer) is > 0 and var length)
            {
                // An event is far smaller than the buffer and is written at once.
                var text = buffer.AsMemory(0, length);
                if (arrivals[index] == 0 && text.Span.IndexOf(Volatile.Read(ref awaited)) >= 0)
                {
                    arrivals[index] = TimeProvider.System.GetTimestamp();
                    if (index == 0)
                    {
                        // Without the length before it.
                        Shown = Encoding.UTF8.GetString(text.Span).Split("\r\n")[1];
                    }

                    Interlocked.Decrement(ref missing);
                }

                if (!connected.Task.IsCompleted && text.Span.IndexOf("\"connected\""u8) >= 0)
                {
                    connected.TrySetResult();
                }
            }

            connected.TrySetException(new IOException("The stream ended."));
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException)
        {
            connected.TrySetException(failure);
        }
    }
}
