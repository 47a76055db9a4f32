using System.Net.WebSockets;
using System.Text.Json;
using Ledgerline.Ai;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary><c>wss …/v1/realtime</c>: opens sessions, and answers them when they have taken their settings.</summary>
internal sealed class OpenAiRealtime(OpenAiOptions options, OpenAiSocket sockets, TimeProvider clock, ILogger<OpenAiRealtime> log) : IVoiceModel
{
    public async Task<IVoiceSession> Open(VoiceOrder order, CancellationToken stop)
    {
        var model = order.Model ?? options.RealtimeModel;
        var transcription = order.Transcribes ? options.RealtimeTranscriptionModel : null;
        var began = clock.GetTimestamp();
        var socket = new RealtimeSocket(await sockets.Connect($"model={Uri.EscapeDataString(model)}", stop));
        try
        {
            var turns = order.Turns is { } own ? TurnDetection.Parse(own) : options.RealtimeTurns;
            await socket.Socket.SendAsync(RealtimeRequests.Configure(order, model, turns, transcription), WebSocketMessageType.Text, true, stop);
            await Configured(socket, stop);
            log.LogDebug("A session with {Model} opened in {Milliseconds} ms", model, (long)clock.GetElapsedTime(began).TotalMilliseconds);
            return new RealtimeSession(socket, model, transcription ?? "", clock, log);
        }
        catch (Exception failure)
        {
            socket.Socket.Abort();
            socket.Dispose();
            throw failure is ModelFailure || stop.IsCancellationRequested ? failure : Failure(failure);
        }
    }

    /// <summary>What was appended earlier would be taken for audio of another kind.</summary>
    private static async Task Configured(RealtimeSocket socket, CancellationToken stop)
    {
        while (await socket.Receive(stop) is { } message)
        {
            using var document = JsonDocument.Parse(message);
            switch (document.RootElement.Text("type"))
            {
                case "session.updated":
                    return;
                case "error":
                    var error = document.RootElement.Object("error");
                    throw Refusal(400, error.Text("code"), error.Text("param"));
            }
        }

        throw new ModelFailure(ModelFailure.Upstream, $"OpenAI {socket.CloseReason} before the session had begun.");
    }

    // The provider's own words may quote what it was sent.
    private static ModelRefusal Refusal(int status, string? code, string? param) => new("OpenAI", status, code, param, null);

    private static ModelFailure Failure(Exception failure) => new(
        ModelFailure.Upstream, $"OpenAI cannot be reached for a session: {(failure.InnerException ?? failure).GetType().Name}.", failure);
}
