using System.Net;
using System.Net.WebSockets;
using Ledgerline.Ai;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>Opens sockets at <c>/v1/realtime</c>: sessions, and what listens in on a browser's call.</summary>
internal sealed class OpenAiSocket(OpenAiOptions options, TimeProvider clock)
{
    private const int LargestEvent = 32 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>A session of its own.</summary>
    /// <exception cref="ModelFailure">There is none.</exception>
    public Task<TextSocket> Converse(string model, CancellationToken stop) => Open($"model={Uri.EscapeDataString(model)}", stop);

    /// <summary>What controls a call that goes on elsewhere.</summary>
    /// <exception cref="ModelFailure">There is none; a <see cref="ModelRefusal"/> of 404 says that the call is over.</exception>
    public Task<TextSocket> Control(string call, CancellationToken stop) => Open($"call_id={Uri.EscapeDataString(call)}", stop);

    /// <summary>The socket itself, for whoever reads it in an own way.</summary>
    /// <exception cref="ModelFailure">There is none.</exception>
    public async Task<ClientWebSocket> Connect(string query, CancellationToken stop)
    {
        var key = options.KeyOrFailure;
        // The scheme of a WebSocket in place of HTTP's.
        var address = new Uri($"ws{options.Address["http".Length..]}/v1/realtime?{query}");
        var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {key}");
        socket.Options.KeepAliveInterval = TextSocket.Ping;
        socket.Options.KeepAliveTimeout = TextSocket.Ping;
        socket.Options.CollectHttpResponseDetails = true;
        using var limit = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        try
        {
            await socket.ConnectAsync(address, either.Token);
            return socket;
        }
        catch (Exception failure) when (failure is WebSocketException or OperationCanceledException)
        {
            var status = socket.HttpStatusCode;
            socket.Dispose();
            stop.ThrowIfCancellationRequested();
            throw limit.IsCancellationRequested ? new ModelFailure(ModelFailure.TimeOut, $"OpenAI opened no socket within {Patience.TotalSeconds} s.", failure)
                : status is 0 or HttpStatusCode.SwitchingProtocols ? new ModelFailure(ModelFailure.Upstream, "The connection to OpenAI failed.", failure)
                : new ModelRefusal("OpenAI", (int)status, null, null, null);
        }
    }

    private async Task<TextSocket> Open(string query, CancellationToken stop) => new(await Connect(query, stop), LargestEvent);
}
