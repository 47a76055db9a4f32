using System.Text.Json;
using Ledgerline.Ai;
using Ledgerline.Providers.OpenAi.Realtime;

namespace Ledgerline.Gateway.V1.Realtime;

/// <summary>What the meter learned from an event of the provider's.</summary>
/// <param name="Answered">An answer ended, which used this.</param>
/// <param name="Transcribed">So did a transcription.</param>
internal readonly record struct Learned(VoiceUsage? Answered = null, bool IsEstimated = false, VoiceUsage? Transcribed = null);

/// <summary>Reads what the provider sends.</summary>
internal sealed class ModelEvents(RealtimeTally tally, string model)
{
    private const int PcmBytesPerSecond = 48_000;
    private const int LawBytesPerSecond = 8_000;

    private readonly HashSet<string> counted = [];
    private string writer = "";

    public Learned Take(ReadOnlyMemory<byte> text)
    {
        string? type;
        long letters;
        try
        {
            (type, letters) = RealtimeEvents.Read(text.Span, "delta"u8);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException)
        {
            return default;
        }

        switch (type)
        {
            case "response.output_audio.delta":
                tally.Spoke(RealtimeEvents.Bytes(letters));
                return default;
            case "response.output_audio_transcript.delta" or "response.output_text.delta" or "response.function_call_arguments.delta":
                tally.Wrote(letters);
                return default;
            case "response.created":
                tally.Began();
                return default;
            case "error":
                tally.Refused();
                return default;
            case "input_audio_buffer.committed":
                tally.Committed();
                return default;
            case "input_audio_buffer.cleared":
                tally.Cleared();
                return default;
            case "session.created" or "session.updated" or "input_audio_buffer.speech_started" or "input_audio_buffer.speech_stopped" or "response.done"
                or "conversation.item.input_audio_transcription.completed":
                using (var read = JsonDocument.Parse(text))
                {
                    return Counted(type, read.RootElement) ? default : Take(type, read.RootElement);
                }

            default:
                return default;
        }
    }

    // What comes twice is counted once.
    private bool Counted(string type, JsonElement read) => type switch
    {
        "response.done" => read.Object("response").Text("id") is { } id && !counted.Add(id),
        "conversation.item.input_audio_transcription.completed" => read.Text("item_id") is { } item && !counted.Add($"{item} {read.Number("content_index")}"),
        _ => false,
    };

    private Learned Take(string type, JsonElement read)
    {
        switch (type)
        {
            case "input_audio_buffer.speech_started":
                tally.SpeechStarted(read.Number("audio_start_ms"));
                return default;
            case "input_audio_buffer.speech_stopped":
                tally.SpeechStopped(read.Number("audio_end_ms"));
                return default;
            case "response.done":
                var response = read.Object("response");
                var used = RealtimeUsage.OfAnswer(response.Text("id") ?? "", model, response.Object("usage"));
                var (counted, isEstimated) = tally.Ended(used, isAside: response.Text("conversation_id") is null && used is not null);
                return new Learned(counted, isEstimated);
            case "conversation.item.input_audio_transcription.completed":
                return new Learned(Transcribed: RealtimeUsage.OfTranscription(read.Text("item_id") ?? "", writer, read.Object("usage")));
            default:
                var audio = read.Object("session").Object("audio");
                var (input, output) = (audio.Object("input"), audio.Object("output"));
                writer = input.Object("transcription").Text("model") ?? writer;
                tally.Formats(
                    PerSecond(input.Object("format").Text("type")), PerSecond(output.Object("format").Text("type")),
                    input.Object("turn_detection").ValueKind == JsonValueKind.Object);
                return default;
        }
    }

    private static int PerSecond(string? format) => format is "audio/pcmu" or "audio/pcma" ? LawBytesPerSecond : PcmBytesPerSecond;
}
