using System.Net.WebSockets;

namespace Sandbox.Twilio.Line;

/// <summary>Opens a media socket, keeps it until either side is done, and closes it.</summary>
internal sealed class MediaSockets(LineClock clock) : IDisposable
{
    private const int LongestMessage = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Parting = TimeSpan.FromSeconds(2);

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>Runs a stream to its end.</summary>
    /// <param name="order">What it is opened with.</param>
    /// <param name="opened">Is told the stream when it flows.</param>
    /// <param name="hungUp">The call is over: the stream is stopped and closed.</param>
    /// <exception cref="StreamRefused">It could not be opened.</exception>
    public async Task<StreamEnd> Run(StreamOrder order, Action<MediaStream> opened, CancellationToken hungUp)
    {
        using var socket = new ClientWebSocket();
        socket.Options.KeepAliveInterval = TimeSpan.Zero;
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.SetRequestHeader(TwilioSignature.Header.ToLowerInvariant(), order.Signature);
        await Connect(socket, order.Reached, hungUp);
        var stream = new MediaStream(order, socket);
        opened(stream);
        var flows = stream.Open();
        if (flows)
        {
            clock.Join(stream);
        }

        try
        {
            return await Flow(stream, order, socket, hungUp);
        }
        finally
        {
            stream.End();
            clock.Leave(stream);
            socket.Abort();
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task Connect(ClientWebSocket socket, Uri url, CancellationToken hungUp)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(hungUp);
        patience.CancelAfter(Patience);
        try
        {
            await socket.ConnectAsync(url, _http, patience.Token);
        }
        catch (Exception refused) when (refused is WebSocketException or OperationCanceledException && !hungUp.IsCancellationRequested)
        {
            int? status = socket.HttpStatusCode == 0 ? null : (int)socket.HttpStatusCode;
            throw new StreamRefused(status is null ? refused.Message : $"The handshake was answered with {status}.", status);
        }
    }

    private static async Task<StreamEnd> Flow(MediaStream stream, StreamOrder order, ClientWebSocket socket, CancellationToken hungUp)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hangUp = hungUp.UnsafeRegister(_ => over.TrySetResult(), null);
        var reading = order.Person.Script is { HalfOpen: true, SendsNoStart: false } ? new TaskCompletionSource<int?>().Task : Read(stream, socket);
        var first = await Task.WhenAny(reading, over.Task, stream.Sender.Broken);
        if (first != over.Task)
        {
            stream.End();
            return stream.WasCut ? new StreamEnd("cut by the person")
                : first == reading && await reading is { } status ? await Answer(socket, status)
                : new StreamEnd("lost");
        }

        stream.Stop();
        if (await Task.WhenAny(reading, Task.Delay(Parting, TimeProvider.System, CancellationToken.None)) == reading)
        {
            var status = await reading;
            await Close(socket, stream, WebSocketCloseStatus.NormalClosure);
            return new StreamEnd("hung up", status);
        }

        await Close(socket, stream, WebSocketCloseStatus.NormalClosure);
        return new StreamEnd("hung up");
    }

    private static async Task<StreamEnd> Answer(ClientWebSocket socket, int status)
    {
        await Close(socket, null, socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure);
        return new StreamEnd("closed by us", status);
    }

    private static async Task Close(ClientWebSocket socket, MediaStream? stream, WebSocketCloseStatus status)
    {
        using var patience = new CancellationTokenSource(Parting);
        try
        {
            if (stream is not null)
            {
                await stream.Sender.Idle.WaitAsync(patience.Token);
            }

            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
            {
                await socket.CloseOutputAsync(status == WebSocketCloseStatus.Empty ? WebSocketCloseStatus.NormalClosure : status, null, patience.Token);
            }
        }
        catch (Exception gone) when (gone is WebSocketException or OperationCanceledException or InvalidOperationException or IOException)
        {
            // It is gone already, and that was all that was wanted.
        }
    }

    /// <summary>Ends with the status that we closed with; null when the connection broke.</summary>
    private static async Task<int?> Read(MediaStream stream, ClientWebSocket socket)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length)
                    {
                        Array.Resize(ref buffer, buffer.Length * 2);
                    }

                    part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
                    if (part.MessageType == WebSocketMessageType.Close)
                    {
                        return (int)(socket.CloseStatus ?? WebSocketCloseStatus.Empty);
                    }

                    length += part.Count;
                }
                while (!part.EndOfMessage && length <= LongestMessage);
                if (!part.EndOfMessage)
                {
                    return null;
                }

                stream.Take(buffer.AsMemory(0, length));
            }
        }
        catch (Exception broken) when (broken is WebSocketException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            return null;
        }
    }
}
