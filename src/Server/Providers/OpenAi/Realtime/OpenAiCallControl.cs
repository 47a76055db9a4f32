using System.Net.WebSockets;
using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Providers.Wire;

namespace Ledgerline.Providers.OpenAi.Realtime;

/// <summary>The control socket of a call.</summary>
internal sealed class OpenAiCallControl(TextSocket socket, string model, TimeProvider clock) : IVoiceCallControl
{
    private static readonly TimeSpan Goodbye = TimeSpan.FromSeconds(1);

    private string writer = "";
    private int notes;

    public async Task Note(string text, bool answer, CancellationToken stop)
    {
        var id = $"note_{Interlocked.Increment(ref notes)}";
        if (await socket.Send(RealtimeRequests.Text("system", text, id), stop) && answer)
        {
            // Where it speaks already the provider says so, and the note is heard with the next answer.
            await socket.Send(RealtimeRequests.Create($"{id}_answer"), stop);
        }
    }

    public async Task Hear(Func<VoiceUsage, Task> used, CancellationToken stop)
    {
        while (await socket.Receive(stop) is { IsEnd: false } said)
        {
            if (Read(said.Text) is { } usage)
            {
                await used(usage);
            }
        }

        await socket.Close(WebSocketCloseStatus.NormalClosure, null, Goodbye, clock);
    }

    public void Dispose() => socket.Dispose();

    private VoiceUsage? Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            if (RealtimeEvent.Read(text.Span).IsAudio)
            {
                return null;
            }

            using var read = JsonDocument.Parse(text);
            var root = read.RootElement;
            switch (root.Text("type"))
            {
                case "session.created" or "session.updated":
                    writer = root.Object("session").Object("audio").Object("input").Object("transcription").Text("model") ?? writer;
                    return null;
                case "response.done":
                    var response = root.Object("response");
                    return RealtimeUsage.OfAnswer(response.Text("id") ?? "", model, response.Object("usage"));
                case "conversation.item.input_audio_transcription.completed":
                    return RealtimeUsage.OfTranscription(root.Text("item_id") ?? "", writer, root.Object("usage"));
                default:
                    return null;
            }
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
