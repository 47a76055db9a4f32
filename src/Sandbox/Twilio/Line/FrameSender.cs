using System.Net.WebSockets;

namespace Sandbox.Twilio.Line;

/// <summary>Sends messages in order without anybody waiting; what a peer does not take within ten seconds is dropped and counted.</summary>
internal sealed class FrameSender(WebSocket socket)
{
    private const int MostWaiting = 10 * MuLaw.FramesASecond;

    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _waiting = new();
    private readonly TaskCompletionSource _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _draining = Task.CompletedTask;
    private bool _busy;

    /// <summary>Ends when the peer takes nothing any more.</summary>
    public Task Broken => _broken.Task;

    public int Dropped { get; private set; }

    public void Send(byte[] message)
    {
        lock (_gate)
        {
            if (_busy)
            {
                if (_waiting.Count < MostWaiting)
                {
                    _waiting.Enqueue(message);
                }
                else
                {
                    Dropped++;
                }

                return;
            }

            if (_broken.Task.IsCompleted)
            {
                return;
            }

            _busy = true;
        }

        _draining = Drain(message);
    }

    /// <summary>Waits until all has left.</summary>
    public Task Idle => _draining;

    private async Task Drain(byte[] message)
    {
        try
        {
            while (true)
            {
                await socket.SendAsync(message, WebSocketMessageType.Text, true, CancellationToken.None);
                lock (_gate)
                {
                    if (!_waiting.TryDequeue(out var next))
                    {
                        _busy = false;
                        return;
                    }

                    message = next;
                }
            }
        }
        catch (Exception gone) when (gone is WebSocketException or InvalidOperationException or IOException or OperationCanceledException)
        {
            lock (_gate)
            {
                _busy = false;
                _waiting.Clear();
            }

            _broken.TrySetResult();
        }
    }
}
