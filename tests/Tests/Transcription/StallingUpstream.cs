using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Tests.Transcription;

/// <summary>A provider that begins its answer and then says nothing more.</summary>
internal sealed class StallingUpstream : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly TaskCompletionSource stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task serving = Task.CompletedTask;

    public string Address => $"http://{listener.LocalEndpoint}";

    /// <summary>Done when the first half of the answer has been sent.</summary>
    public Task Stalled => stalled.Task;

    public static Task<StallingUpstream> Start()
    {
        var upstream = new StallingUpstream();
        upstream.listener.Start();
        upstream.serving = upstream.Serve();
        return Task.FromResult(upstream);
    }

    public async ValueTask DisposeAsync()
    {
        listener.Stop();
        await serving;
    }

    private async Task Serve()
    {
        try
        {
            using var client = await listener.AcceptTcpClientAsync();
            var stream = client.GetStream();
            await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"text\":\"be"));
            stalled.SetResult();
            await stream.CopyToAsync(Stream.Null);
        }
        catch (Exception over) when (over is SocketException or IOException or ObjectDisposedException)
        {
            // The other side has left, which is what the test is about.
        }
    }
}
