using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Bench;

/// <summary>Many readers of live events, each on a bare socket: they must cost the machine little themselves.</summary>
internal sealed class StreamCrowd : IDisposable
{
    private readonly List<Socket> sockets = [];
    private readonly ConcurrentQueue<long> arrivals = new();
    private string awaited = "\0";

    /// <summary>Opens so many streams of each of these addresses; ready when each has said that it is connected.</summary>
    public static async Task<StreamCrowd> Open(Uri server, IEnumerable<(string Path, string Token)> streams)
    {
        var crowd = new StreamCrowd();
        foreach (var some in streams.Chunk(100))
        {
            await Task.WhenAll(some.Select(stream => crowd.Open(server, stream.Path, stream.Token)));
        }

        return crowd;
    }

    /// <summary>Milliseconds from now until each stream has shown these words, sorted.</summary>
    public async Task<double[]> Delivery(string words, Func<Task> send)
    {
        arrivals.Clear();
        Volatile.Write(ref awaited, words);
        var started = TimeProvider.System.GetTimestamp();
        await send();
        for (var waited = 0; arrivals.Count < sockets.Count && waited < 3000; waited++)
        {
            await Task.Delay(10);
        }

        if (arrivals.Count < sockets.Count)
        {
            throw new TimeoutException($"{arrivals.Count} of {sockets.Count} streams have shown {words}.");
        }

        return [.. arrivals.Select(at => TimeProvider.System.GetElapsedTime(started, at).TotalMilliseconds).Order()];
    }

    public void Dispose() => sockets.ForEach(socket => socket.Dispose());

    private async Task Open(Uri server, string path, string token)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server.Host, server.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n"));
        lock (sockets)
        {
            sockets.Add(socket);
        }

        var connected = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _ = Task.Run(() => Listen(socket, connected));
        await connected.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task Listen(Socket socket, TaskCompletionSource connected)
    {
        var buffer = new byte[2048];
        try
        {
            while (await socket.ReceiveAsync(buffer) is > 0 and var length)
            {
                // An event is far smaller than the buffer and is written at once.
                var text = Encoding.UTF8.GetString(buffer, 0, length);
                if (text.Contains(Volatile.Read(ref awaited), StringComparison.Ordinal))
                {
                    arrivals.Enqueue(TimeProvider.System.GetTimestamp());
                }

                if (text.Contains("\"connected\"", StringComparison.Ordinal))
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
